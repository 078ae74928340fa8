#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <variant>

#include "app/app.h"
#include "config/config.h"
#include "config/parse.h"
#include "metrics/exporter.h"
#include "web/routes.h"

namespace kafkascope::app {

/// Requests to reload from any number of threads, which one thread, main's, serves.
class ReloadRequests {
 public:
  /// `wake`: has the serving thread call serve().
  explicit ReloadRequests(std::function<void()> wake) : wake_(std::move(wake)) {}

  /// Waits for a reload that begins after this call.
  web::ReloadResult request();
  /// Reloads, and gives the result to all who waited for it.
  void serve(const std::function<web::ReloadResult()>& reload);

 private:
  const std::function<void()> wake_;
  std::mutex mutex_;
  std::condition_variable answered_;
  uint64_t last_ = 0, served_ = 0;  // guarded by mutex_
  web::ReloadResult result_;        // guarded by mutex_
};

/// Reads the configuration anew, and applies it completely or not at all. Settings of the web server and of Kerberos
/// cannot change. Thread-safety: main's thread.
class Reloader {
 public:
  /// config::parse() with the program's arguments.
  using Parse = std::function<config::Parsed(const std::string* file_text)>;

  /// `current`: what `app` runs with.
  Reloader(App& app, metrics::ExporterMetrics& exporter, Parse parse, config::Config current);

  web::ReloadResult reload();
  /// Applies secrets and certificates whose files changed, with the configuration file as it was last loaded.
  void check_files();

 private:
  web::ReloadResult load(const std::string* file_text);

  App& app_;
  metrics::ExporterMetrics& exporter_;
  const Parse parse_;
  config::Config current_;
  std::map<std::string, size_t> rejected_;  ///< State of the files that were last found invalid.
};

}  // namespace kafkascope::app
