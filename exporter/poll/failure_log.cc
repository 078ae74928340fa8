#include "poll/failure_log.h"

#include <algorithm>
#include <utility>

#include "log/event.h"

namespace kafkascope::poll {
namespace {

bool is_transient(const model::Failure& failure) {
  return failure.transient || failure.reason == model::Reason::kTimeout;
}

}  // namespace

void FailureLog::note(const std::vector<model::CollectorRun>& runs, model::Time now) {
  for (const auto& run : runs) {
    if (run.skipped) continue;  // the collector it depends on is logged
    auto& known = failing_[run.collector];
    if (known.last_run_succeeded) known.since = now;
    const bool persists =
        std::exchange(known.transient, std::any_of(run.failures.begin(), run.failures.end(), is_transient));
    std::vector<model::Failure> logged;
    for (const auto& failure : run.failures) {
      if (std::find(known.logged.begin(), known.logged.end(), failure) == known.logged.end()) {
        if (is_transient(failure) && !persists) continue;
        known.reported = true;
        log_event(LogLevel::kWarning, "collector failed",
                  {{target_.field, target_.name},
                   {"collector", name(run.collector)},
                   {"reason", name(failure.reason)},
                   {"error", failure.what},
                   {"hint", failure.hint}});
      }
      logged.push_back(failure);
    }
    known.logged = std::move(logged);
    known.last_run_succeeded = run.success();
    if (run.success() && std::exchange(known.reported, false))
      log_event(LogLevel::kInfo, "collector recovered",
                {{target_.field, target_.name}, {"collector", name(run.collector)}, {"failed_for", now - known.since}});
  }
}

}  // namespace kafkascope::poll
