#include "poll/failure_log.h"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace kafkascope::poll {

void FailureLog::note(const std::vector<model::CollectorRun>& runs) {
  // Without metadata the others are not asked, and have nothing of their own to say.
  const bool metadata_fails = std::any_of(runs.begin(), runs.end(), [](const model::CollectorRun& run) {
    return run.collector == model::Collector::kMetadata && !run.success();
  });
  for (const auto& run : runs) {
    if (metadata_fails && run.collector != model::Collector::kMetadata) continue;
    auto& known = failing_[run.collector];
    for (const auto& failure : run.failures)
      if (std::find(known.begin(), known.end(), failure) == known.end())
        spdlog::warn("{}{} fails ({}): {}", prefix_, name(run.collector), name(failure.reason), failure.what);
    if (run.success() && !known.empty()) spdlog::info("{}{} is all right again", prefix_, name(run.collector));
    known = run.failures;
  }
}

}  // namespace kafkascope::poll
