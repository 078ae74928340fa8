#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/chunk.h"
#include "metrics/page.h"
#include "metrics/publisher.h"
#include "metrics/sample_writer.h"
#include "model/collector.h"
#include "model/target_name.h"
#include "model/time.h"

namespace kafkascope::metrics {

struct BuildInfo {
  std::string version, revision, librdkafka, compiler;
};

/// The exporter's own metrics, including those of its process. Thread-safety: every function may be called from any
/// thread.
class ExporterMetrics {
 public:
  /// `proc`: usually "/proc/self".
  explicit ExporterMetrics(const BuildInfo& build, std::string proc = "/proc/self");
  ~ExporterMetrics();

  /// Creates the series of a target, all at 0; the counters of one that exists go on.
  void add_target(const model::TargetName& target, std::chrono::milliseconds poll_interval,
                  std::span<const model::Collector> collectors);
  /// Removes the series of a target. No effect if there is no such target.
  void remove_target(const model::TargetName& target);

  // These have no effect for a target that was not added or was removed: its poller may still be running.

  /// Called after each half of a poll, before poll_ended(). `at`: when the collectors started.
  void collectors_ran(const model::TargetName& target, const std::vector<model::CollectorRun>& runs,
                      model::WallTime at);
  /// `took`: from the poll's first request until its page is published.
  void poll_ended(const model::TargetName& target, const SampleWriter::Held& held, std::chrono::duration<double> took);
  /// `dropped`: families that max_series leaves out, with their numbers of series.
  void series_dropped(const model::TargetName& target, const std::map<std::string, size_t>& dropped);
  void polls_skipped(const model::TargetName& target, int64_t polls);

  /// Time to write and compress the last page.
  void page_rendered(std::chrono::duration<double> took);
  void http_request(std::string_view handler, int code, double seconds);
  /// Called after the web configuration was read, and at any time after that.
  void web_config_reloaded(bool successful);
  /// `level` as in logs: debug, info, warning, error.
  void log_message(std::string_view level);

  /// The configuration was loaded, or could not be.
  void config_loaded(bool success, model::WallTime at);

  /// Returns all families but the `disabled` ones, compressed. `last`: the last page, whose size is one of the metrics.
  /// `labels`: constant ones.
  std::vector<Family> families(const Page& last, const std::map<std::string, std::string>& labels = {},
                               const std::set<std::string, std::less<>>& disabled = {});

 private:
  struct Registered;
  const std::string proc_;
  std::unique_ptr<Registered> registered_;
  std::mutex targets_mutex_;  // guards the targets in registered_
  std::mutex compressor_mutex_;
  Compressor compressor_;                                       // guarded by compressor_mutex_
  std::map<std::string, std::shared_ptr<const Chunk>> chunks_;  // of the last page; guarded by compressor_mutex_
};

}  // namespace kafkascope::metrics
