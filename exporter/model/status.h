#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace kafkascope::model {

/// State of one collector of one target, for the landing page.
struct CollectorStatus {
  std::string name;
  bool off = false;  ///< Disabled by the configuration.
  bool ran = false;
  bool success = false;  ///< Of its last run.
  double duration_seconds = 0;
  double last_success_unix_seconds = 0;  ///< 0: never
  std::string last_error = {};           ///< Empty: none.
  std::string last_hint = {};            ///< Suggested fix; empty: none.
};

/// State of one target, for the landing page.
struct ClusterStatus {
  std::string kind;        ///< Empty for a Kafka cluster, else such as ZooKeeper.
  std::string name;        ///< Empty for a single cluster without a name.
  std::string servers;     ///< As configured.
  std::string cluster_id;  ///< Empty: unknown.
  bool up = false;
  bool polled = false;  ///< The first poll has completed, whether it succeeded or not.
  size_t brokers = 0, topics = 0, partitions = 0, groups = 0;
  /// Of a target that is no Kafka cluster: names and values to show instead of the numbers above.
  std::vector<std::pair<std::string, std::string>> facts;
  double last_poll_unix_seconds = 0;  ///< 0: never
  double last_poll_duration_seconds = 0;
  double first_expiry_unix_seconds = 0;  ///< When the first certificate expires; 0: none is known.
  std::string first_expiry_of;           ///< Whose it is.
  std::vector<std::string> problems;     ///< Sentences, the worst first.
  std::vector<CollectorStatus> collectors;
};

}  // namespace kafkascope::model
