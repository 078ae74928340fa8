#include "poll/failure_log.h"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace kafkascope::poll {

void FailureLog::note(const std::vector<model::CollectorRun>& runs) {
  for (const auto& run : runs) {
    if (run.skipped) continue;  // what it depends on has been logged
    auto& known = failing_[run.collector];
    for (const auto& failure : run.failures)
      if (std::find(known.begin(), known.end(), failure) == known.end())
        spdlog::warn("{}{} fails ({}): {}", prefix_, name(run.collector), name(failure.reason), failure.what);
    if (run.success() && !known.empty()) spdlog::info("{}{} is all right again", prefix_, name(run.collector));
    known = run.failures;
  }
}

}  // namespace kafkascope::poll
