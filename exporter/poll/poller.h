#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "metrics/exporter.h"
#include "metrics/publisher.h"
#include "model/time.h"
#include "poll/failure_log.h"
#include "poll/running_time.h"
#include "poll/target.h"

namespace kafkascope::poll {

/// When a target is polled.
struct Schedule {
  std::chrono::milliseconds interval;
  std::chrono::milliseconds deadline;  ///< Of a poll, from its start.
  size_t max_series = 0;               ///< For the log.
};

/// Polls one target at its interval in a thread of its own, and publishes what it returns.
/// Thread-safety: every public function may be called from any thread.
class Poller {
 public:
  /// Adds the target to the page and to the exporter's metrics, and starts polling.
  /// `name`: the target's; empty for the single one without a name.
  Poller(std::string name, const Schedule& schedule, std::unique_ptr<Target> target, metrics::ExporterMetrics& exporter,
         metrics::Publisher& publisher);
  ~Poller();

  /// Has the thread end soon; the destructor waits for it. The target stays on the page.
  void stop();

  /// To be called every second: takes the target off the page when no poll has completed for far longer than the
  /// deadline, because old values that look new are worse than none. Time during which the process was suspended does
  /// not count.
  void watch();

 private:
  void run();
  bool stopped();
  void poll();
  /// Runs the collectors that are not due in every poll, until the next one begins at `next`.
  void between_polls(model::Time next);
  void record(const Output& output);
  void publish(Output output);
  void log_dropped(const std::map<std::string, size_t>& dropped);

  const std::string name_;
  const Schedule schedule_;
  const std::unique_ptr<Target> target_;
  metrics::ExporterMetrics& exporter_;
  metrics::Publisher& publisher_;

  // Of the polling thread alone.
  FailureLog failures_;
  std::set<std::string> dropped_families_;  // as last logged

  std::mutex mutex_;
  std::condition_variable stopping_;
  bool stop_ = false;                                                     // guarded by mutex_
  bool dropped_ = false;                                                  // guarded by mutex_
  RunningTime since_completed_ = RunningTime(model::Time::clock::now());  // guarded by mutex_

  std::thread thread_;
};

}  // namespace kafkascope::poll
