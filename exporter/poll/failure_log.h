#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/collector.h"
#include "model/time.h"

namespace kafkascope::poll {

/// Logs a failure once when it begins, and once when its collector recovers, not once a poll. Transient failures and
/// timeouts begin when the collector has such in two runs on end. Thread-safety: one thread.
class FailureLog {
 public:
  /// `cluster`: its name; empty for the single one.
  explicit FailureLog(std::string cluster) : cluster_(std::move(cluster)) {}

  void note(const std::vector<model::CollectorRun>& runs, model::Time now);

 private:
  struct Failing {
    std::vector<model::Failure> logged;  ///< Of the last run.
    bool last_run_succeeded = true;
    bool transient = false;  ///< The last run had a transient failure.
    bool reported = false;   ///< A failure has been logged since the last success.
    model::Time since;
  };

  const std::string cluster_;
  std::map<model::Collector, Failing> failing_;
};

}  // namespace kafkascope::poll
