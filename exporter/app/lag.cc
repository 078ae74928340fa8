#include "app/lag.h"

#include <signal.h>
#include <spdlog/fmt/fmt.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "app/first_poll.h"
#include "cluster/kafka_source.h"
#include "cluster/kafka_target.h"
#include "families/page_sections.h"
#include "report/lag.h"
#include "report/text.h"

namespace kafkascope::app {
namespace {

using model::Collector;
using std::chrono::steady_clock;

/// Returns the cluster's settings with what the list needs: members, and none of the page's families.
config::Cluster settings(config::Cluster cluster) {
  cluster.options.members = true;
  cluster.options.by_partition = true;
  for (const std::string_view name : families::family_names()) cluster.options.disabled_families.emplace(name);
  for (const Collector& collector :
       {Collector::kLogDirs, Collector::kQuorum, Collector::kReassignments, Collector::kShareGroups,
        Collector::kRecordTimes, Collector::kTransactions, Collector::kFeatures})
    cluster.disabled_collectors.insert(collector);
  return cluster;
}

/// Returns whether a commit beyond the end of its partition was seen in one poll only.
bool has_commit_ahead(const model::Snapshot& snapshot) {
  return std::any_of(snapshot.groups.begin(), snapshot.groups.end(), [](const auto& group) {
    return std::any_of(group.partitions.begin(), group.partitions.end(), [](const auto& row) { return row.ahead < 0; });
  });
}

class ClusterLag {
 public:
  explicit ClusterLag(const config::Cluster& cluster)
      : cluster_(settings(cluster)), target_(cluster_, "", std::make_unique<cluster::KafkaSource>(cluster_)) {}

  void poll() {
    const auto time = cluster_.polling.effective_deadline();
    errors_.clear();
    note(first_ ? first_poll(target_, time) : target_.poll(steady_clock::now() + time));
    // Lag in seconds that only the brokers' time index knows.
    if (auto background = target_.between_polls(steady_clock::now() + time)) note(*background);
    if (!std::exchange(first_, false) || !has_commit_ahead(target_.snapshot())) return;
    errors_.clear();
    note(target_.poll(steady_clock::now() + time));  // confirms it
  }

  bool is_up() const { return target_.is_up(); }

  void add_to(report::LagReport& report) const {
    report::add_lag_rows(cluster_.name, target_.snapshot(), cluster_.options, report.rows);
    report.errors.insert(report.errors.end(), errors_.begin(), errors_.end());
  }

 private:
  void note(const poll::Output& output) {
    for (const auto& run : output.runs)
      if (!run.success() && !run.skipped)
        errors_.push_back({cluster_.name, std::string(run.collector.name), run.failures.front()});
  }

  const config::Cluster cluster_;
  cluster::KafkaTarget target_;
  std::vector<report::CollectorError> errors_;
  bool first_ = true;
};

struct Terminal {
  size_t width = 0, height = 0;  ///< 0: it is none, or unknown.
};

Terminal terminal() {
  winsize size{};
  if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) return {};
  return {size.ws_col, size.ws_row};
}

bool write(const std::string& text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

std::string lines(const std::vector<report::CollectorError>& errors) {
  std::string text;
  for (const auto& error : errors) text += report::describe(error) + "\n";
  return text;
}

/// Prints reports one after the other. With --watch on a terminal each replaces the one before.
class Printer {
 public:
  explicit Printer(const model::LagOptions& options) : options_(options) {}

  /// Returns whether everything was written.
  bool print(const report::LagReport& report) {
    const Terminal size = terminal();
    const bool replace = options_.watch && size.height > 0 && options_.output == model::OutputFormat::kTable;
    if (!replace && report.errors != errors_) std::fputs(lines(report.errors).c_str(), stderr);
    errors_ = report.errors;
    const bool first = std::exchange(first_, false);
    switch (options_.output) {
      case model::OutputFormat::kJson:
        return write(report::lag_json(report));
      case model::OutputFormat::kCsv:
        return write(report::lag_csv(report, first));
      case model::OutputFormat::kTable:
        break;
    }
    if (!replace) return write((first ? "" : "\n") + report::lag_table(report, size.width, 0));
    const std::string errors = lines(report.errors);
    const auto above = 2 + static_cast<size_t>(std::count(errors.begin(), errors.end(), '\n'));
    const size_t height = std::max<size_t>(size.height, above + 5) - above;
    return write(fmt::format("\033[H\033[2J{}\n{}{}", report::utc(report.unix_seconds), errors,
                             report::lag_table(report, size.width, height)));
  }

 private:
  const model::LagOptions options_;
  std::vector<report::CollectorError> errors_;
  bool first_ = true;
};

}  // namespace

int print_lag(const config::Config& config, const model::LagOptions& options) {
  signal(SIGPIPE, SIG_IGN);  // also sent when a broker closes a TLS connection
  std::vector<std::unique_ptr<ClusterLag>> clusters;
  clusters.reserve(config.clusters.size());
  for (const auto& cluster : config.clusters) clusters.push_back(std::make_unique<ClusterLag>(cluster));
  const auto interval =
      std::min_element(config.clusters.begin(), config.clusters.end(), [](const auto& a, const auto& b) {
        return a.polling.interval < b.polling.interval;
      })->polling.interval;
  Printer printer(options);
  while (true) {
    const auto start = steady_clock::now();
    {
      std::vector<std::jthread> threads;
      threads.reserve(clusters.size());
      for (const auto& cluster : clusters) threads.emplace_back([&] { cluster->poll(); });
    }
    report::LagReport report{.unix_seconds = model::unix_seconds(model::WallTime::clock::now())};
    for (const auto& cluster : clusters) cluster->add_to(report);
    report::sort_rows(report.rows, options.order);
    const bool written = printer.print(report);
    const bool all_up = std::all_of(clusters.begin(), clusters.end(), [](auto& cluster) { return cluster->is_up(); });
    if (!written || !options.watch) return written && all_up ? EXIT_SUCCESS : EXIT_FAILURE;
    std::this_thread::sleep_until(start + interval);
  }
}

}  // namespace kafkascope::app
