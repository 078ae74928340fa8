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

namespace kafkascope::metrics {

struct BuildInfo {
  std::string version, revision, librdkafka, compiler;
};

/// The exporter's own counters, which live as long as it does, and its process's figures.
/// Thread-safety: every function may be called from any thread.
class ExporterMetrics {
 public:
  /// `proc`: where the kernel tells of the process. `disabled_families`: those that are left out.
  ExporterMetrics(std::map<std::string, std::string> labels, const BuildInfo& build, std::string proc = "/proc/self",
                  std::set<std::string, std::less<>> disabled_families = {});
  ~ExporterMetrics();

  /// Makes the series of a target, all at 0. `target` is its name, empty for the single cluster without one.
  void add_target(const std::string& target, std::chrono::milliseconds poll_interval,
                  std::span<const model::Collector> collectors);
  /// Removes the series of a target. No effect where there is no such target.
  void remove_target(const std::string& target);

  // Of a target that was added; without effect for another one, whose poller may not have ended yet.

  /// After each half of a poll, before poll_ended(). `at`: when the collectors began.
  void collectors_ran(const std::string& target, const std::vector<model::CollectorRun>& runs, model::WallTime at);
  /// `took`: from the poll's first request until its page was written.
  void poll_ended(const std::string& target, const SampleWriter::Held& held, std::chrono::duration<double> took);
  /// What max_series leaves out now: families, and their numbers of series.
  void series_dropped(const std::string& target, const std::map<std::string, size_t>& dropped);
  void polls_skipped(const std::string& target, int64_t polls);

  /// How long the last page took to write and compress.
  void page_rendered(std::chrono::duration<double> took);
  void http_request(std::string_view handler, int code, double seconds);
  /// `level` as in logs: debug, info, warning, error.
  void log_message(std::string_view level);

  /// All of it as text, compressed. `last`: the page before, whose size is part of it.
  std::vector<Family> families(const Page& last);

 private:
  struct Registered;
  const std::map<std::string, std::string> labels_;
  const std::string proc_;
  const std::set<std::string, std::less<>> disabled_families_;
  std::unique_ptr<Registered> registered_;
  std::mutex targets_mutex_;  // guards the targets in registered_
  std::mutex compressor_mutex_;
  Compressor compressor_;  // guarded by compressor_mutex_
};

}  // namespace kafkascope::metrics
