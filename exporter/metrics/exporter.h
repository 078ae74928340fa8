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
#include "model/time.h"

namespace prometheus {
struct ClientMetric;
}

namespace kafkascope::metrics {

struct BuildInfo {
  std::string version, revision, librdkafka, compiler;
};

/// The exporter's own metrics, including those of its process. Thread-safety: every function may be called from any
/// thread.
class ExporterMetrics {
 public:
  /// `proc`: usually "/proc/self". `disabled_families`: names of families to leave out.
  ExporterMetrics(std::map<std::string, std::string> labels, const BuildInfo& build, std::string proc = "/proc/self",
                  std::set<std::string, std::less<>> disabled_families = {});
  ~ExporterMetrics();

  /// Creates the series of a target, all at 0. `target`: its name; empty for a single cluster without a name.
  void add_target(const std::string& target, std::chrono::milliseconds poll_interval,
                  std::span<const model::Collector> collectors);
  /// Removes the series of a target. No effect if there is no such target.
  void remove_target(const std::string& target);

  // These have no effect for a target that was not added or was removed: its poller may still be running.

  /// Called after each half of a poll, before poll_ended(). `at`: when the collectors started.
  void collectors_ran(const std::string& target, const std::vector<model::CollectorRun>& runs, model::WallTime at);
  /// `took`: from the poll's first request until its page is published.
  void poll_ended(const std::string& target, const SampleWriter::Held& held, std::chrono::duration<double> took);
  /// `dropped`: families that max_series leaves out, with their numbers of series.
  void series_dropped(const std::string& target, const std::map<std::string, size_t>& dropped);
  void polls_skipped(const std::string& target, int64_t polls);

  /// Time to write and compress the last page.
  void page_rendered(std::chrono::duration<double> took);
  void http_request(std::string_view handler, int code, double seconds);
  /// Called after the web configuration was read, and at any time after that.
  void web_config_reloaded(bool successful);
  /// `level` as in logs: debug, info, warning, error.
  void log_message(std::string_view level);

  /// Returns all families, compressed. `last`: the last page, whose size is one of the metrics.
  std::vector<Family> families(const Page& last);

 private:
  struct Registered;
  void add_constant_labels(prometheus::ClientMetric& metric, bool histogram) const;
  const std::map<std::string, std::string> labels_;
  const std::string proc_;
  const std::set<std::string, std::less<>> disabled_families_;
  std::unique_ptr<Registered> registered_;
  std::mutex targets_mutex_;  // guards the targets in registered_
  std::mutex compressor_mutex_;
  Compressor compressor_;  // guarded by compressor_mutex_
};

}  // namespace kafkascope::metrics
