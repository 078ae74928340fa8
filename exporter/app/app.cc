#include "app/app.h"

#include <algorithm>
#include <set>
#include <thread>
#include <utility>

#include "cluster/kafka_source.h"
#include "cluster/kafka_target.h"
#include "families/page_sections.h"
#include "log/event.h"
#include "metrics/family_writer.h"

namespace kafkascope::app {
namespace {

/// Maximum age of the exporter's own metrics if pollers hang. Above the default poll interval, so that the page is
/// usually not built twice.
constexpr std::chrono::seconds kOwnMetricsMaxAge{20};

std::unique_ptr<poll::Poller> start(const config::Cluster& cluster, const std::string& constant_labels,
                                    metrics::ExporterMetrics& exporter, metrics::Publisher& publisher) {
  const poll::Schedule schedule{.interval = cluster.polling.interval,
                                .deadline = cluster.polling.effective_deadline(),
                                .max_series = cluster.options.max_series};
  auto target =
      std::make_unique<cluster::KafkaTarget>(cluster, constant_labels, std::make_unique<cluster::KafkaSource>(cluster));
  return std::make_unique<poll::Poller>(cluster.name, schedule, std::move(target), exporter, publisher);
}

void log_notice(const config::Notice& notice) {
  const std::initializer_list<LogField> fields = {{"setting", notice.setting}, {"reason", notice.reason}};
  switch (notice.effect) {
    case config::Notice::Effect::kNone:
      return log_event(LogLevel::kInfo, "setting has no effect", fields);
    case config::Notice::Effect::kPartial:
      return log_event(LogLevel::kInfo, "setting applies in part", fields);
    case config::Notice::Effect::kSuspicious:
      return log_event(LogLevel::kWarning, "setting looks wrong", fields);
  }
}

/// Warns about names in `disabled_families` that are no family of a cluster.
void warn_of_unknown(const std::set<std::string, std::less<>>& disabled_families) {
  const auto known = families::family_names();
  for (const auto& name : disabled_families)
    if (!name.starts_with("kafka_exporter_") && std::find(known.begin(), known.end(), name) == known.end())
      log_event(LogLevel::kWarning, "unknown family in disabled_families", {{"family", name}});
}

}  // namespace

App::App(const config::Version& version, std::shared_ptr<metrics::ExporterMetrics> exporter)
    : version_(version),
      exporter_(std::move(exporter)),
      publisher_([this](const metrics::Page& last) { return exporter_->families(last); }) {}

App::~App() {
  const std::jthread server_end([this] {
    server_.reset();
    health_server_.reset();
  });
  stop(std::move(clusters_));
}

void App::apply(const config::Config& config) {
  for (const auto& notice : config.notices) log_notice(notice);
  warn_of_unknown(config.disabled_families);
  apply_clusters(config);
  apply_web(config.web);
}

void App::apply_clusters(const config::Config& config) {
  std::vector<RunningCluster> kept, ended;
  for (auto& running : clusters_) {
    const bool same =
        std::find(config.clusters.begin(), config.clusters.end(), running.config) != config.clusters.end();
    (same ? kept : ended).push_back(std::move(running));
  }
  for (const auto& running : ended) {
    const bool gone = std::none_of(config.clusters.begin(), config.clusters.end(),
                                   [&](const auto& cluster) { return cluster.name == running.config.name; });
    if (!gone) continue;
    publisher_.remove(running.config.name);
    exporter_->remove_target(running.config.name);
  }
  clusters_ = std::move(kept);
  stop(std::move(ended));
  for (const auto& cluster : config.clusters) {
    const bool running =
        std::any_of(clusters_.begin(), clusters_.end(), [&](const auto& running) { return running.config == cluster; });
    if (running) continue;
    const auto labels = metrics::constant_labels(config.labels, cluster.name);
    clusters_.push_back({cluster, start(cluster, labels, *exporter_, publisher_)});
  }
}

void App::apply_web(const config::Web& web) {
  if (server_ && web == web_) return server_->reload_files();
  server_.reset();
  health_server_.reset();
  const auto page = [this] { return publisher_.page(); };
  const auto count = [this](std::string_view handler, int code, double seconds) {
    exporter_->http_request(handler, code, seconds);
  };
  server_ = std::make_unique<web::Server>(web, page, count, version_.version);
  if (!web.health_address.empty()) {
    health_server_ = web::Server::for_health(web.health_address, page, count);
    log_event(LogLevel::kInfo, "listening for health checks", {{"address", web.health_address}});
  }
  web_ = web;
  const std::vector<std::string> systemd{"systemd"};
  for (const auto& address : web.systemd_socket ? systemd : web.listen_addresses)
    log_event(LogLevel::kInfo, "listening",
              {{"address", address}, {"path", web.telemetry_path}, {"version", version_.version}});
}

void App::watch_web() {
  server_->check_files();
  if (!web_.config_file.empty() || web_.server_tls.enabled)
    exporter_->web_config_reloaded(server_->last_reload_successful());
}

bool App::watch() try {
  bool polls_complete = true;
  for (const auto& cluster : clusters_) polls_complete &= cluster.poller->watch();
  watch_web();
  publisher_.refresh(std::chrono::steady_clock::now() - kOwnMetricsMaxAge);
  return polls_complete;
} catch (const std::exception& e) {  // A bug on our side: keep serving the last page.
  log_event(LogLevel::kError, "watching pollers failed", {{"error", e.what()}});
  return false;
}

void App::stop(std::vector<RunningCluster> clusters) {
  for (const auto& cluster : clusters) cluster.poller->stop();
  std::vector<std::jthread> ends;  // concurrently: several pollers that hang take no longer than one
  for (auto& cluster : clusters) ends.emplace_back([&cluster] { cluster.poller.reset(); });
}

}  // namespace kafkascope::app
