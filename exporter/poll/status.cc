#include "poll/status.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>

namespace kafkascope::poll {

model::ClusterStatus with_runs(model::ClusterStatus status, const std::vector<model::CollectorRun>& runs,
                               model::WallTime at) {
  for (const auto& run : runs) {
    auto& collector = *std::find_if(status.collectors.begin(), status.collectors.end(),
                                    [&](auto& collector) { return collector.name == run.collector.name; });
    collector.ran = true;
    collector.success = run.success();
    collector.duration_seconds = run.seconds;
    if (run.success()) collector.last_success_unix_seconds = model::unix_seconds(at);
    collector.last_error.clear();
    collector.last_hint.clear();
    if (!run.success()) {
      const auto& first = run.failures.front();
      collector.last_error = fmt::format("{}: {}", name(first.reason), first.what);
      collector.last_hint = first.hint;
      if (run.failures.size() > 1) collector.last_error += fmt::format(" (and {} more)", run.failures.size() - 1);
    }
  }
  return status;
}

}  // namespace kafkascope::poll
