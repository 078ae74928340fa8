#include "poll/failure_log.h"

#include <algorithm>

#include "log/event.h"

namespace kafkascope::poll {

void FailureLog::note(const std::vector<model::CollectorRun>& runs, model::Time now) {
  for (const auto& run : runs) {
    if (run.skipped) continue;  // what it depends on has been logged
    auto& known = failing_[run.collector];
    if (known.failures.empty()) known.since = now;
    for (const auto& failure : run.failures)
      if (std::find(known.failures.begin(), known.failures.end(), failure) == known.failures.end())
        log_event(LogLevel::kWarning, "collector failed",
                  {{"cluster", cluster_},
                   {"collector", name(run.collector)},
                   {"reason", name(failure.reason)},
                   {"error", failure.what},
                   {"hint", failure.hint}});
    if (run.success() && !known.failures.empty())
      log_event(LogLevel::kInfo, "collector recovered",
                {{"cluster", cluster_}, {"collector", name(run.collector)}, {"failed_for", now - known.since}});
    known.failures = run.failures;
  }
}

}  // namespace kafkascope::poll
