#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/collector.h"
#include "model/snapshot.h"

namespace kafkascope::model {

/// The only collector of a ZooKeeper ensemble.
inline constexpr Collector kZooKeeper{"zookeeper"};

/// Values that a ZooKeeper server reports about itself.
struct ZooKeeperValues {
  std::string version;     ///< Such as 3.9.4; empty: unknown.
  std::string state;       ///< leader, follower, observer, standalone or read-only, in ZooKeeper's words.
  std::string peer_state;  ///< Such as "following - broadcast"; empty: not reported.
  /// Numbers by key, such as zk_znode_count or zk_readlatency{quantile="0.5"}; sorted, each once.
  std::vector<std::pair<std::string, double>> numbers;

  std::optional<double> number(std::string_view key) const {
    const auto found = std::lower_bound(numbers.begin(), numbers.end(), key,
                                        [](const auto& entry, std::string_view key) { return entry.first < key; });
    if (found == numbers.end() || found->first != key) return {};
    return found->second;
  }
  bool operator==(const ZooKeeperValues&) const = default;
};

/// What a poll got from a server.
struct ZooKeeperAnswer {
  std::string host;                       ///< host:port
  bool answered = false;                  ///< Answered a four-letter word, in whatever state it is.
  bool serving = true;                    ///< false: it answered that it does not serve requests.
  std::optional<ZooKeeperValues> values;  ///< Nothing: none were read.
  std::vector<Failure> failures;
};

/// A server, after a poll.
struct ZooKeeperServer {
  std::string host;
  bool up = false;        ///< It reported values in the last poll.
  bool answered = false;  ///< As in ZooKeeperAnswer.
  std::string state;      ///< As in ZooKeeperValues, or not_serving; empty: did not answer. Never held.
  Cached<ZooKeeperValues> values;
};

/// State of an ensemble.
struct ZooKeeperSnapshot {
  std::vector<ZooKeeperServer> servers;  ///< In the order of the configuration.
  int expected_size = 0;                 ///< Number of voting servers.
  bool polled = false;
  int leaders = 0;                     ///< Servers that are the leader, or standalone.
  int serving = 0;                     ///< Voting servers that serve requests.
  std::optional<int> in_sync_servers;  ///< The leader and its followers in sync; nothing: the leader did not report it.
};

}  // namespace kafkascope::model
