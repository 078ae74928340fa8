#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "model/zookeeper.h"
#include "zookeeper/resolver.h"
#include "zookeeper/tls.h"
#include "zookeeper/wait.h"

namespace kafkascope::zookeeper {

/// While a server's whitelist does not contain mntr, it is asked again every so many polls.
inline constexpr int kMntrEvery = 20;

/// The servers of an ensemble. Thread-safety: poll() by one thread, stop() by any.
class Source {
 public:
  /// Throws std::runtime_error if OpenSSL rejects the TLS files.
  explicit Source(const config::ZooKeeper& ensemble);
  ~Source();

  /// Asks all servers at the same time, each until the request timeout, at most until `deadline`. Never throws on
  /// errors of servers: they are in the answers, which are in the order of the configuration.
  std::vector<model::ZooKeeperAnswer> poll(model::Time deadline);

  /// Makes the current and all later polls return at once.
  void stop() { stop_.set(); }

 private:
  struct Server;

  model::ZooKeeperAnswer ask(Server& server, const Limits& limits) const;
  void read_values(Server& server, const Limits& limits, model::ZooKeeperAnswer& answer) const;

  const std::chrono::milliseconds timeout_;
  std::optional<TlsContext> tls_;
  Event stop_;
  std::vector<std::unique_ptr<Server>> servers_;
};

}  // namespace kafkascope::zookeeper
