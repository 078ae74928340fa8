#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "metrics/page.h"

namespace kafkascope::web {

/// One address that is listened on.
struct Listener {
  std::string address;  ///< host:port, [v6]:port or :port for all addresses; port 0: any free one
  std::string
      certificate_pem;  ///< a file with a certificate (chain) and its key; empty: no TLS. One for all listeners.
};

/// What a request cost: `handler` is one of a few fixed names, `seconds` includes the time the client took to read.
using CountRequest = std::function<void(std::string_view handler, int code, double seconds)>;

/// Serves the newest page, a landing page and health. Listens from construction to destruction, which takes at most
/// half a second whatever clients do. Thread-safety: `page` and `count` are called by many threads at a time, until the
/// destructor has returned.
class Server {
 public:
  /// Throws std::runtime_error, which says what to do, when it cannot listen.
  Server(const config::Web& web, metrics::PageSource page, CountRequest count, std::string version);
  Server(const std::vector<Listener>& listeners, std::string telemetry_path, metrics::PageSource page,
         CountRequest count, std::string version);
  ~Server();

  /// Of each listener.
  const std::vector<int>& ports() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace kafkascope::web
