#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "metrics/page.h"
#include "web/routes.h"

namespace kafkascope::web {

/// Counts a request: `handler` is one of a few fixed names, `seconds` includes the time that the client took to read.
using CountRequest = std::function<void(std::string_view handler, int code, double seconds)>;

/// Serves the newest page, the landing page and health checks, from construction to destruction, which takes at most
/// half a second whatever clients do. Thread-safety: `page` and `count` are called by many threads at the same time,
/// until the destructor has returned; the other functions may be called by one thread.
class Server {
 public:
  /// Throws std::runtime_error, which says what to do, when it cannot listen or the web configuration is invalid.
  /// `reload`: called if the web configuration enables it.
  Server(const config::Web& web, const metrics::PageSource& page, CountRequest count, const Reload& reload,
         const std::string& version);
  ~Server();

  /// Returns a server of health checks only, without TLS and authentication. Throws as the constructor does.
  static std::unique_ptr<Server> for_health(const std::string& address, const metrics::PageSource& page,
                                            CountRequest count);

  /// Must be called every second: applies changes of the web configuration file, certificates and keys.
  void check_files();
  /// Reads these files again now. If they are invalid, the last valid ones stay in force.
  void reload_files();
  bool last_reload_successful() const;

  /// Returns each listener's port; 0 for a Unix socket.
  const std::vector<int>& ports() const;

 private:
  class Impl;
  explicit Server(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace kafkascope::web
