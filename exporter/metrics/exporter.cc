#include "metrics/exporter.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "metrics/family_writer.h"
#include "metrics/process.h"

namespace kafkascope::metrics {
namespace {

using prometheus::BuildCounter;
using prometheus::BuildGauge;
using prometheus::BuildHistogram;
using prometheus::Counter;
using prometheus::Gauge;
using prometheus::Histogram;
using Labels = prometheus::Labels;

const Histogram::BucketBoundaries kPollBuckets{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60};
const Histogram::BucketBoundaries kHttpBuckets{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                               0.1,    0.25,  0.5,    1,     5,    30};

/// A series that is removed when its owner is destroyed.
template <class Metric>
struct RemoveFrom {
  prometheus::Family<Metric>* family;
  void operator()(Metric* metric) const { family->Remove(metric); }
};
template <class Metric>
using Owned = std::unique_ptr<Metric, RemoveFrom<Metric>>;

template <class Metric, class... Arguments>
Owned<Metric> add(prometheus::Family<Metric>& family, const Labels& labels, Arguments&&... arguments) {
  return {&family.Add(labels, std::forward<Arguments>(arguments)...), RemoveFrom<Metric>{&family}};
}

void add_constant_labels(const Labels& constant, prometheus::ClientMetric& metric, bool histogram) {
  std::vector<prometheus::ClientMetric::Label> labels;
  for (const auto& [name, value] : constant) {
    const bool repeated = std::any_of(metric.label.begin(), metric.label.end(),
                                      [&name = name](const auto& label) { return label.name == name; });
    if (!repeated && !(histogram && name == "le")) labels.push_back({name, value});
  }
  metric.label.insert(metric.label.begin(), labels.begin(), labels.end());
}

constexpr std::string_view kHelp = "# HELP ";
constexpr size_t kHeadLines = 2;  // HELP and TYPE

/// Returns each family's lines.
std::vector<std::string_view> split_families(std::string_view text) {
  std::vector<std::string_view> families;
  while (!text.empty()) {
    const size_t next = text.find("\n# HELP ");
    families.push_back(text.substr(0, next == text.npos ? next : next + 1));
    text.remove_prefix(families.back().size());
  }
  return families;
}

/// `family`: its lines.
std::string_view name_of(std::string_view family) {
  family.remove_prefix(kHelp.size());
  return family.substr(0, family.find(' '));
}

}  // namespace

struct ExporterMetrics::Registered {
  explicit Registered(const BuildInfo& build) {
    gauge("kafka_exporter_build_info", "What this exporter was built from. Always 1.")
        .Add({{"version", build.version},
              {"revision", build.revision},
              {"librdkafka", build.librdkafka},
              {"compiler", build.compiler}})
        .Set(1);
    for (const char* level : {"debug", "info", "warning", "error"}) messages.Add({{"level", level}});
  }

  struct Target {
    struct PerCollector {
      Owned<Gauge> success, duration, last_success;  ///< Null before the first run or success.
      Owned<Gauge> held;
      std::vector<Owned<Counter>> errors;  ///< By reason.
    };
    Labels labels;
    std::map<model::Collector, PerCollector> collectors;
    Owned<Gauge> interval;
    Owned<Histogram> poll_duration;
    Owned<Counter> polls_skipped;
    std::map<std::string, Owned<Gauge>> dropped;
  };

  /// Returns null if the target was not added or was removed.
  Target* find(const model::TargetName& name) {
    const auto target = targets.find(name);
    return target == targets.end() ? nullptr : &target->second;
  }

  auto gauge(const char* name, const char* help) -> prometheus::Family<Gauge>& {
    return BuildGauge().Name(name).Help(help).Register(registry);
  }
  auto counter(const char* name, const char* help) -> prometheus::Family<Counter>& {
    return BuildCounter().Name(name).Help(help).Register(registry);
  }
  auto histogram(const char* name, const char* help) -> prometheus::Family<Histogram>& {
    return BuildHistogram().Name(name).Help(help).Register(registry);
  }

  prometheus::Registry registry;

  prometheus::Family<Gauge>& success =
      gauge("kafka_exporter_collector_success",
            "1 if the collector's last run succeeded completely, else 0. Absent before its first run.");
  prometheus::Family<Gauge>& duration = gauge("kafka_exporter_collector_duration_seconds",
                                              "Duration of the collector's last run. Absent before its first run.");
  prometheus::Family<Gauge>& last_success =
      gauge("kafka_exporter_collector_last_success_timestamp_seconds",
            "Time when the collector last succeeded. Absent until its first success.");
  prometheus::Family<Counter>& errors =
      counter("kafka_exporter_collector_errors_total",
              "Collector failures by reason. Identical failures in one poll are counted once.");
  prometheus::Family<Gauge>& held =
      gauge("kafka_exporter_held_series",
            "Number of series that show their last good value because the current value could not be read.");
  prometheus::Family<Gauge>& dropped =
      gauge("kafka_exporter_dropped_series",
            "Number of series of the family that are dropped by max_series. Absent if the family is not dropped.");
  prometheus::Family<Gauge>& interval =
      gauge("kafka_exporter_poll_interval_seconds", "Configured time between two polls.");
  prometheus::Family<Histogram>& polls =
      histogram("kafka_exporter_poll_duration_seconds", "Duration of a poll, from its first request to the page.");
  prometheus::Family<Counter>& skipped =
      counter("kafka_exporter_polls_skipped_total", "Polls skipped because the previous poll was still running.");
  prometheus::Gauge& page_series =
      gauge("kafka_exporter_page_series", "Number of series on the previous page.").Add({});
  prometheus::Gauge& page_bytes = gauge("kafka_exporter_page_bytes", "Uncompressed size of the previous page.").Add({});
  prometheus::Gauge& page_compressed =
      gauge("kafka_exporter_page_compressed_bytes", "Compressed size of the previous page.").Add({});
  prometheus::Gauge& render =
      gauge("kafka_exporter_render_duration_seconds", "Time taken to write and compress the previous page.").Add({});
  prometheus::Family<Gauge>& reloaded = gauge("kafka_exporter_config_last_reload_successful",
                                              "1 if the configuration was valid when it was last loaded, else 0.");
  prometheus::Family<Gauge>& reload_time = gauge("kafka_exporter_config_last_reload_success_timestamp_seconds",
                                                 "Time when a valid configuration was last loaded.");
  prometheus::Family<Counter>& requests =
      counter("kafka_exporter_http_requests_total", "HTTP requests answered, as of the last poll.");
  prometheus::Family<Histogram>& request_duration =
      histogram("kafka_exporter_http_request_duration_seconds", "Duration of HTTP requests, as of the last poll.");
  prometheus::Family<Gauge>& web_config = gauge("kafka_exporter_web_config_last_reload_successful",
                                                "1 if the web configuration is valid, 0 if the last change of its "
                                                "files is not and the state before it is in force. "
                                                "Absent without a web configuration.");
  prometheus::Family<Counter>& messages =
      counter("kafka_exporter_log_messages_total", "Log messages written by this exporter, by level.");

  std::map<model::TargetName, Target> targets;  ///< Last member: destroyed first, while the families above exist.
};

ExporterMetrics::ExporterMetrics(const BuildInfo& build, std::string proc)
    : proc_(std::move(proc)), registered_(std::make_unique<Registered>(build)) {}

ExporterMetrics::~ExporterMetrics() = default;

void ExporterMetrics::add_target(const model::TargetName& name, std::chrono::milliseconds poll_interval,
                                 std::span<const model::Collector> collectors) {
  const std::lock_guard lock(targets_mutex_);
  Registered& r = *registered_;
  const auto [known, is_new] = r.targets.try_emplace(name);
  Registered::Target& target = known->second;
  if (!is_new) {
    target.interval->Set(std::chrono::duration<double>(poll_interval).count());
    for (auto& [collector, series] : target.collectors) {  // it may be disabled now
      series.success.reset();
      series.duration.reset();
      series.last_success.reset();
    }
    return;
  }
  if (!name.name.empty()) target.labels[std::string(name.label)] = name.name;
  target.interval = add(r.interval, target.labels);
  target.interval->Set(std::chrono::duration<double>(poll_interval).count());
  target.poll_duration = add(r.polls, target.labels, kPollBuckets);
  target.polls_skipped = add(r.skipped, target.labels);
  for (const auto& collector : collectors) {
    auto& series = target.collectors[collector];
    auto labels = target.labels;
    labels["collector"] = collector.name;
    series.held = add(r.held, labels);
    for (const auto reason : model::kReasonNames) {
      auto of_reason = labels;
      of_reason["reason"] = reason;
      series.errors.push_back(add(r.errors, of_reason));
    }
  }
}

void ExporterMetrics::remove_target(const model::TargetName& name) {
  const std::lock_guard lock(targets_mutex_);
  registered_->targets.erase(name);
}

void ExporterMetrics::collectors_ran(const model::TargetName& name, const std::vector<model::CollectorRun>& runs,
                                     model::WallTime at) {
  const std::lock_guard lock(targets_mutex_);
  Registered& r = *registered_;
  Registered::Target* target = r.find(name);
  if (!target) return;
  for (const auto& run : runs) {
    auto& series = target->collectors.at(run.collector);
    auto labels = target->labels;
    labels["collector"] = run.collector.name;
    const auto set = [&](Owned<Gauge>& gauge, prometheus::Family<Gauge>& family, double value) {
      if (!gauge) gauge = add(family, labels);
      gauge->Set(value);
    };
    set(series.success, r.success, run.success());
    set(series.duration, r.duration, run.seconds);
    if (run.success()) set(series.last_success, r.last_success, model::unix_seconds(at));
    for (const auto& failure : run.failures) series.errors[static_cast<size_t>(failure.reason)]->Increment();
  }
}

void ExporterMetrics::poll_ended(const model::TargetName& name, const SampleWriter::Held& held,
                                 std::chrono::duration<double> took) {
  const std::lock_guard lock(targets_mutex_);
  Registered::Target* target = registered_->find(name);
  if (!target) return;
  target->poll_duration->Observe(took.count());
  for (auto& [collector, series] : target->collectors) {
    const auto count = held.find(collector);
    series.held->Set(count == held.end() ? 0 : static_cast<double>(count->second));
  }
}

void ExporterMetrics::series_dropped(const model::TargetName& name, const std::map<std::string, size_t>& dropped) {
  const std::lock_guard lock(targets_mutex_);
  Registered::Target* target = registered_->find(name);
  if (!target) return;
  std::erase_if(target->dropped, [&](const auto& entry) { return !dropped.contains(entry.first); });
  for (const auto& [family, series] : dropped) {
    auto& gauge = target->dropped[family];
    auto labels = target->labels;
    labels["family"] = family;
    if (!gauge) gauge = add(registered_->dropped, labels);
    gauge->Set(static_cast<double>(series));
  }
}

void ExporterMetrics::polls_skipped(const model::TargetName& name, int64_t polls) {
  const std::lock_guard lock(targets_mutex_);
  if (Registered::Target* target = registered_->find(name))
    target->polls_skipped->Increment(static_cast<double>(polls));
}

void ExporterMetrics::page_rendered(std::chrono::duration<double> took) { registered_->render.Set(took.count()); }

void ExporterMetrics::http_request(std::string_view handler, int code, double seconds) {
  const std::string of(handler);
  registered_->requests.Add({{"handler", of}, {"code", std::to_string(code)}}).Increment();
  registered_->request_duration.Add({{"handler", of}}, kHttpBuckets).Observe(seconds);
}

void ExporterMetrics::web_config_reloaded(bool successful) { registered_->web_config.Add({}).Set(successful ? 1 : 0); }

void ExporterMetrics::log_message(std::string_view level) {
  registered_->messages.Add({{"level", std::string(level)}}).Increment();
}

void ExporterMetrics::config_loaded(bool success, model::WallTime at) {
  registered_->reloaded.Add({}).Set(success);
  if (success) registered_->reload_time.Add({}).Set(model::unix_seconds(at));
}

std::vector<Family> ExporterMetrics::families(const Page& last, const std::map<std::string, std::string>& labels,
                                              const std::set<std::string, std::less<>>& disabled) {
  registered_->page_series.Set(static_cast<double>(last.series()));
  registered_->page_bytes.Set(static_cast<double>(last.text_bytes()));
  registered_->page_compressed.Set(static_cast<double>(last.gzip().size()));

  auto collected = registered_->registry.Collect();
  std::erase_if(collected, [&](const auto& family) { return family.metric.empty() || disabled.contains(family.name); });
  for (auto& family : collected)
    for (auto& metric : family.metric)
      add_constant_labels(labels, metric, family.type == prometheus::MetricType::Histogram);
  std::string text = prometheus::TextSerializer().Serialize(collected);
  append_process_figures(proc_, constant_labels(labels, ""), text);

  const std::lock_guard lock(compressor_mutex_);
  std::vector<Family> families;
  for (const std::string_view part : split_families(text)) {
    const std::string name(name_of(part));
    auto& chunk = chunks_[name];
    const auto lines = std::count(part.begin(), part.end(), '\n');
    chunk = compressor_.compress(part, static_cast<size_t>(lines) - kHeadLines, chunk);
    families.push_back({name, nullptr, chunk});
  }
  return families;
}

}  // namespace kafkascope::metrics
