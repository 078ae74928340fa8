#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "config/config.h"
#include "metrics/exporter.h"
#include "metrics/families.h"
#include "metrics/publisher.h"
#include "model/snapshot.h"
#include "poll/failure_log.h"
#include "poll/source.h"

namespace kafkascope::poll {

/// What is published of a cluster that nothing is known of: kafka_up 0.
metrics::ClusterPage down_page(const config::Cluster& cluster, const std::string& constant_labels);

/// Drives one cluster's line, from questions to page, in a thread of its own: asks, computes, writes, publishes, waits.
/// Thread-safety: every public function may be called from any thread.
class Poller {
 public:
  /// `number`: the cluster's in the publisher. Starts polling at once.
  Poller(size_t number, const config::Cluster& cluster, const std::string& constant_labels,
         std::unique_ptr<Source> source, metrics::ExporterMetrics& exporter, metrics::Publisher& publisher);
  ~Poller();

  /// Has the thread end soon; the destructor waits for it.
  void stop();

  /// To be called every second or so: takes the cluster off the page when a poll hangs far beyond its deadline, for old
  /// values that look new are worse than none.
  void watch();

 private:
  void run();
  bool stopped();
  void poll();
  /// Asks what need not be asked in every poll, until the next one begins at `next`.
  void ask_slowly(model::Time next);
  /// Writes the snapshot.
  std::vector<metrics::Family> render();
  /// `render_start`: when their writing began.
  void publish(std::vector<metrics::Family> families, model::Time render_start);

  const size_t number_;
  const config::Cluster cluster_;
  const std::string constant_labels_;
  const std::unique_ptr<Source> source_;
  metrics::ExporterMetrics& exporter_;
  metrics::Publisher& publisher_;

  // Of the polling thread alone.
  metrics::Families families_;
  FailureLog failures_;
  model::Snapshot snapshot_;
  metrics::ClusterStatus status_;
  std::set<std::string> left_out_;  // by max_series, as it was last said
  int64_t polls_ = 0;
  model::Time topic_configs_due_{}, log_dirs_due_{};
  std::chrono::duration<double> last_render_{0};

  std::mutex mutex_;
  std::condition_variable stopping_;
  bool stop_ = false;                                 // guarded by mutex_
  bool dropped_ = false;                              // guarded by mutex_
  model::Time last_end_ = model::Time::clock::now();  // guarded by mutex_

  std::thread thread_;
};

}  // namespace kafkascope::poll
