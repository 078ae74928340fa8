#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "metrics/exporter.h"
#include "metrics/publisher.h"
#include "model/target_name.h"
#include "model/time.h"
#include "poll/failure_log.h"
#include "poll/running_time.h"
#include "poll/target.h"

namespace kafkascope::poll {

/// Schedule of polls.
struct Schedule {
  std::chrono::milliseconds interval;
  std::chrono::milliseconds deadline;  ///< From the start of a poll.
  size_t max_series = 0;               ///< Logged only.
};

/// Polls one target at its interval in its own thread, and publishes the results. Thread-safety: every public function
/// may be called from any thread.
class Poller {
 public:
  enum class Start {
    kNew,       ///< Adds the target to the page.
    kContinue,  ///< Keeps what another poller of the same target published, until the first poll ends.
  };

  /// Adds the target to the exporter's metrics, and starts polling.
  Poller(model::TargetName name, const Schedule& schedule, std::unique_ptr<Target> target,
         metrics::ExporterMetrics& exporter, metrics::Publisher& publisher, Start how = Start::kNew);
  ~Poller();

  /// Requests the thread to stop; the destructor waits for it. The target stays on the page.
  void stop();
  /// Stops, and waits for the thread. The target is no longer used.
  void end();

  /// Drops the target's series if no poll completed for far longer than the deadline: missing values are better than
  /// stale ones. Must be called every second. Time during which the process was suspended does not count. Returns
  /// whether polls complete.
  bool watch();

 private:
  void run();
  bool stopped();
  void poll();
  /// Runs slow collectors until the next poll at `next`.
  void between_polls(model::Time next);
  void record(const Output& output);
  void publish(Output output);
  void log_dropped(const std::map<std::string, size_t>& dropped);

  const model::TargetName name_;
  const Schedule schedule_;
  const std::unique_ptr<Target> target_;
  metrics::ExporterMetrics& exporter_;
  metrics::Publisher& publisher_;

  // Used by the polling thread only.
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
