#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/collector.h"
#include "model/time.h"

namespace kafkascope::poll {

/// Logs a failure once when it begins and once when its collector recovers. Transient failures and timeouts are logged
/// from the second successive run on. Thread-safety: one thread.
class FailureLog {
 public:
  /// `cluster`: its name; may be empty.
  explicit FailureLog(std::string cluster) : cluster_(std::move(cluster)) {}

  void note(const std::vector<model::CollectorRun>& runs, model::Time now);

 private:
  struct Failing {
    std::vector<model::Failure> logged;  ///< Failures of the last run.
    bool last_run_succeeded = true;
    bool transient = false;  ///< Whether the last run had a transient failure.
    bool reported = false;   ///< Whether a failure was logged since the last success.
    model::Time since;
  };

  const std::string cluster_;
  std::map<model::Collector, Failing> failing_;
};

}  // namespace kafkascope::poll
