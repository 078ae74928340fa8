#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/collector.h"

namespace kafkascope::poll {

/// Says what fails once when it begins and once when it is over, not once a poll. Thread-safety: one thread.
class FailureLog {
 public:
  /// `cluster`: its name; empty for the single one.
  explicit FailureLog(const std::string& cluster) : prefix_(cluster.empty() ? "" : cluster + ": ") {}

  void note(const std::vector<model::CollectorRun>& runs);

 private:
  const std::string prefix_;
  std::map<model::Collector, std::vector<model::Failure>> failing_;
};

}  // namespace kafkascope::poll
