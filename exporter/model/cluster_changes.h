#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "model/cluster.h"

namespace kafkascope::model {

/// A change of the cluster, for the log.
struct ClusterEvent {
  enum class Kind : uint8_t {
    kTopicCreated,
    kTopicDeleted,
    kPartitionsAdded,
    kTopicConfigChanged,
    kBrokerAdded,
    kBrokerRemoved,
    kControllerChanged,
    kClusterReplaced
  };

  Kind kind;
  std::string name = {};           ///< Of the topic; the id of a new cluster.
  std::string key = {};            ///< Of the configuration.
  std::string value = {};          ///< The new value, or a broker's address. Empty: back to the default.
  int64_t number = 0, before = 0;  ///< Partitions, or the id of a broker.

  bool operator==(const ClusterEvent&) const = default;
};

/// Changes of a cluster observed between polls, counted since the start.
struct ClusterChanges {
  static constexpr size_t kMaxEvents = 100;

  uint64_t topics_created = 0, topics_deleted = 0, topic_configs = 0;
  uint64_t brokers_added = 0, brokers_removed = 0, controllers = 0;

  /// Those of the last poll or background run, kMaxEvents at most, and the number of others.
  std::vector<ClusterEvent> events;
  uint64_t more_events = 0;

  /// What the next metadata is compared with. Null: nothing yet.
  std::shared_ptr<const Metadata> baseline;
  /// Absent in the last metadata, and not counted: they must be absent twice.
  std::map<std::string, TopicId> missing_topics;
  std::set<int32_t> missing_brokers;
  bool all_hidden = false;            ///< No topic is visible, although there are some.
  std::optional<int32_t> controller;  ///< The last known one.
};

}  // namespace kafkascope::model
