#pragma once

#include <map>
#include <utility>
#include <vector>

#include "model/collector.h"
#include "model/target_name.h"
#include "model/time.h"

namespace kafkascope::poll {

/// Logs a failure once when it begins and once when its collector recovers. Transient failures and timeouts are logged
/// from the second successive run on. Thread-safety: one thread.
class FailureLog {
 public:
  explicit FailureLog(model::TargetName target) : target_(std::move(target)) {}

  void note(const std::vector<model::CollectorRun>& runs, model::Time now);

 private:
  struct Failing {
    std::vector<model::Failure> logged;  ///< Failures of the last run.
    bool last_run_succeeded = true;
    bool transient = false;  ///< Whether the last run had a transient failure.
    bool reported = false;   ///< Whether a failure was logged since the last success.
    model::Time since;
  };

  const model::TargetName target_;
  std::map<model::Collector, Failing> failing_;
};

}  // namespace kafkascope::poll
