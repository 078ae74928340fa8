#include "app/reload.h"

#include <stdexcept>
#include <utility>

#include "config/value.h"
#include "log/event.h"
#include "log/log.h"

namespace kafkascope::app {
namespace {

/// Returns the error that parse() prints, without the program's name.
std::string in_one_line(std::string error) {
  constexpr std::string_view kProgram = "kafkascope: ";
  if (error.starts_with(kProgram)) error.erase(0, kProgram.size());
  while (error.ends_with('\n')) error.pop_back();
  return error;
}

/// Returns the files that the configuration names, as they were when it was loaded.
std::map<std::string, size_t> loaded_files(const config::Config& config) {
  std::map<std::string, size_t> files;
  for (const auto& cluster : config.clusters) files.insert(cluster.files.begin(), cluster.files.end());
  for (const auto& ensemble : config.zookeeper) files.insert(ensemble.files.begin(), ensemble.files.end());
  return files;
}

}  // namespace

web::ReloadResult ReloadRequests::request() {
  std::unique_lock lock(mutex_);
  const uint64_t mine = ++last_;
  wake_();
  answered_.wait(lock, [&] { return served_ >= mine; });
  return result_;
}

void ReloadRequests::serve(const std::function<web::ReloadResult()>& reload) {
  std::unique_lock lock(mutex_);
  const uint64_t last = last_;
  lock.unlock();
  web::ReloadResult result = reload();
  lock.lock();
  served_ = last;
  result_ = std::move(result);
  answered_.notify_all();
}

Reloader::Reloader(App& app, metrics::ExporterMetrics& exporter, Parse parse, config::Config current)
    : app_(app), exporter_(exporter), parse_(std::move(parse)), current_(std::move(current)) {
  exporter_.config_loaded(true, model::WallTime::clock::now());
}

web::ReloadResult Reloader::reload() {
  rejected_.clear();
  return load(nullptr);
}

void Reloader::check_files() {
  const auto loaded = loaded_files(current_);
  auto files = loaded;
  for (auto& [path, hash] : files) hash = config::content_hash(path);
  if (files == rejected_) return;
  if (files == loaded) {
    // An invalid change was undone.
    if (!std::exchange(rejected_, {}).empty()) exporter_.config_loaded(true, model::WallTime::clock::now());
    return;
  }
  rejected_ = load(&current_.file_text).success ? std::map<std::string, size_t>() : files;
}

web::ReloadResult Reloader::load(const std::string* file_text) {
  const auto failed = [&](const std::string& error) {
    exporter_.config_loaded(false, model::WallTime::clock::now());
    log_event(LogLevel::kError, "reload failed",
              {{"error", error}, {"effect", "the previous configuration stays in use"}});
    return web::ReloadResult{false, error};
  };
  auto parsed = parse_(file_text);
  if (const auto* exit = std::get_if<config::Exit>(&parsed)) return failed(in_one_line(exit->err));
  auto& config = std::get<config::Config>(parsed);
  if (config.environment != current_.environment)
    return failed("settings of Kerberos (sasl.kerberos) changed, which requires a restart");
  if (config.web != current_.web) return failed("settings of the web server (web) changed, which requires a restart");
  try {
    app_.apply(config);
  } catch (const std::exception& error) {
    return failed(error.what());
  }
  change_logging(config.log);
  current_ = std::move(config);
  exporter_.config_loaded(true, model::WallTime::clock::now());
  log_event(LogLevel::kInfo, "configuration loaded",
            {{"cause", file_text ? "secret or certificate file changed" : "reload requested"}});
  return {true, ""};
}

}  // namespace kafkascope::app
