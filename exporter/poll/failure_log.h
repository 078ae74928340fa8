#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/collector.h"
#include "model/time.h"

namespace kafkascope::poll {

/// Logs a failure once when it begins, and once when its collector recovers, not once a poll. Thread-safety: one
/// thread.
class FailureLog {
 public:
  /// `cluster`: its name; empty for the single one.
  explicit FailureLog(std::string cluster) : cluster_(std::move(cluster)) {}

  void note(const std::vector<model::CollectorRun>& runs, model::Time now);

 private:
  struct Failing {
    std::vector<model::Failure> failures;
    model::Time since;
  };

  const std::string cluster_;
  std::map<model::Collector, Failing> failing_;
};

}  // namespace kafkascope::poll
