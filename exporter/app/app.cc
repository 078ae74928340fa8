#include "app/app.h"

#include <algorithm>
#include <set>
#include <thread>
#include <utility>

#include "families/page_sections.h"
#include "families/zookeeper.h"
#include "log/event.h"

namespace kafkascope::app {
namespace {

/// Maximum age of the exporter's own metrics if pollers hang. Above the default poll interval, so that the page is
/// usually not built twice.
constexpr std::chrono::seconds kOwnMetricsMaxAge{20};

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

/// Warns about names in `disabled_families` that are no family of a cluster or an ensemble.
void warn_of_unknown(const std::set<std::string, std::less<>>& disabled_families) {
  auto known = families::family_names();
  for (auto& name : families::zookeeper_family_names()) known.push_back(std::move(name));
  for (const auto& name : disabled_families)
    if (!name.starts_with("kafka_exporter_") && std::find(known.begin(), known.end(), name) == known.end())
      log_event(LogLevel::kWarning, "unknown family in disabled_families", {{"family", name}});
}

/// Ends polling.
template <class Running>
void end(std::vector<std::unique_ptr<Running>> all) {
  for (const auto& running : all) running->stop();
  std::vector<std::jthread> ends;  // concurrently: several that hang take no longer than one
  ends.reserve(all.size());
  for (auto& running : all) ends.emplace_back([&running] { running.reset(); });
}

}  // namespace

App::App(const config::Version& version, std::shared_ptr<metrics::ExporterMetrics> exporter, web::Reload reload)
    : version_(version),
      exporter_(std::move(exporter)),
      reload_(std::move(reload)),
      publisher_([this](const metrics::Page& last) { return own_families(last); }) {}

App::~App() {
  const std::jthread server_end([this] {
    server_.reset();
    health_server_.reset();
  });
  std::jthread others([this] { end(std::move(ensembles_)); });
  end(std::move(clusters_));
}

std::vector<metrics::Family> App::own_families(const metrics::Page& last) {
  std::shared_ptr<const config::Config> config;
  {
    const std::lock_guard lock(config_mutex_);
    config = config_;
  }
  return exporter_->families(last, config->labels, config->disabled_families);
}

void App::apply(const config::Config& config) {
  std::shared_ptr<const config::Config> before = std::make_shared<config::Config>(config);
  {
    const std::lock_guard lock(config_mutex_);
    std::swap(before, config_);
  }
  for (const auto& notice : config.notices)
    if (std::find(before->notices.begin(), before->notices.end(), notice) == before->notices.end()) log_notice(notice);
  if (!server_ || before->disabled_families != config.disabled_families) warn_of_unknown(config.disabled_families);
  apply_sections(config.clusters, config.labels, clusters_);
  apply_sections(config.zookeeper, config.labels, ensembles_);
  server_ ? server_->reload_files() : serve(config.web);
}

template <class Running, class Section>
void App::apply_sections(const std::vector<Section>& sections, const config::Labels& labels,
                         std::vector<std::unique_ptr<Running>>& all) {
  std::vector<std::unique_ptr<Running>> kept, ended;
  for (auto& running : all) {
    const bool stays = std::any_of(sections.begin(), sections.end(),
                                   [&](const Section& section) { return section.name == running->target().name; });
    (stays ? kept : ended).push_back(std::move(running));
  }
  all = std::move(kept);
  for (const auto& running : ended) {
    exporter_->remove_target(running->target());
    publisher_.remove(running->target());  // renews the exporter's own metrics
  }
  end(std::move(ended));
  for (const Section& section : sections) {
    const auto running = std::find_if(all.begin(), all.end(),
                                      [&](const auto& running) { return running->target().name == section.name; });
    if (running != all.end())
      (*running)->replace(section, labels);
    else
      all.push_back(std::make_unique<Running>(section, labels, *exporter_, publisher_));
  }
}

void App::serve(const config::Web& web) {
  const auto page = [this] { return publisher_.page(); };
  const auto count = [this](std::string_view handler, int code, double seconds) {
    exporter_->http_request(handler, code, seconds);
  };
  server_ = std::make_unique<web::Server>(web, page, count, reload_, version_.version);
  if (!web.health_address.empty()) {
    health_server_ = web::Server::for_health(web.health_address, page, count);
    log_event(LogLevel::kInfo, "listening for health checks", {{"address", web.health_address}});
  }
  const std::vector<std::string> systemd{"systemd"};
  for (const auto& address : web.systemd_socket ? systemd : web.listen_addresses)
    log_event(LogLevel::kInfo, "listening",
              {{"address", address}, {"path", web.telemetry_path}, {"version", version_.version}});
}

void App::watch_web() {
  server_->check_files();
  if (!config_->web.config_file.empty() || config_->web.server_tls.enabled)  // no other thread changes config_
    exporter_->web_config_reloaded(server_->last_reload_successful());
}

bool App::watch() try {
  bool polls_complete = true;
  for (const auto& cluster : clusters_) polls_complete &= cluster->watch();
  for (const auto& ensemble : ensembles_) polls_complete &= ensemble->watch();
  watch_web();
  publisher_.refresh(std::chrono::steady_clock::now() - kOwnMetricsMaxAge);
  return polls_complete;
} catch (const std::exception& e) {  // A bug on our side: keep serving the last page.
  log_event(LogLevel::kError, "watching pollers failed", {{"error", e.what()}});
  return false;
}

}  // namespace kafkascope::app
