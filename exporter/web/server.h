#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "metrics/page.h"
#include "web/listener.h"

namespace kafkascope::web {

/// Counts a request: `handler` is one of a few fixed names, `seconds` includes the time that the client took to read.
using CountRequest = std::function<void(std::string_view handler, int code, double seconds)>;

/// Serves the newest page, the landing page and health checks, from construction to destruction, which takes at most
/// half a second whatever clients do. Thread-safety: `page` and `count` are called by many threads at the same time,
/// until the destructor has returned.
class Server {
 public:
  /// Throws std::runtime_error, which says what to do, when it cannot listen.
  Server(const config::Web& web, metrics::PageSource page, CountRequest count, std::string version);
  Server(const std::vector<Listener>& listeners, std::string telemetry_path, metrics::PageSource page,
         CountRequest count, std::string version);
  ~Server();

  /// Returns each listener's port.
  const std::vector<int>& ports() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kafkascope::web
