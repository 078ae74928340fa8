#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace kafkascope::model {

inline constexpr int32_t kNoBroker = -1;

struct Broker {
  int32_t id;
  std::string host;
  int32_t port;
  std::string rack;  // empty: none
};

struct Partition {
  int32_t leader = kNoBroker;
  int32_t leader_epoch = -1;
  uint32_t first_node = 0;  ///< Index of its first replica in Topic::nodes; in-sync replicas follow.
  uint16_t replicas = 0;
  uint16_t in_sync = 0;
};

using TopicId = std::array<char, 16>;  ///< All zero if the broker is too old to report ids.

struct Topic {
  std::string name;
  TopicId id{};
  bool internal = false;
  uint32_t first_partition = 0;       ///< Partition number of its partition 0.
  std::vector<Partition> partitions;  ///< By Kafka's partition id.
  std::vector<int32_t> nodes;         ///< Broker ids that the partitions refer to.

  std::span<const int32_t> replicas(const Partition& p) const { return {nodes.data() + p.first_node, p.replicas}; }
  std::span<const int32_t> in_sync(const Partition& p) const {
    return {nodes.data() + p.first_node + p.replicas, p.in_sync};
  }
};

/// Metadata of a cluster. Topics are those that match the filter, sorted by name. Each partition has a number from 0 to
/// partition_count - 1, the index into arrays of values by partition number.
struct Metadata {
  std::string cluster_id;
  /// The controller with ZooKeeper; an arbitrary broker with KRaft.
  int32_t controller = kNoBroker;
  std::vector<Broker> brokers;  // sorted by id
  std::vector<Topic> topics;
  uint32_t partition_count = 0;
  uint32_t omitted_topics = 0;  ///< Topics that the filter leaves out.
};

inline constexpr uint32_t kNoTopic = UINT32_MAX;

/// Returns the index of a topic in metadata.topics, or kNoTopic.
uint32_t find_topic(const Metadata& metadata, std::string_view name);

/// Returns the topic index of a partition number. REQUIRES : partition < metadata.partition_count.
const Topic& topic_of(const Metadata& metadata, uint32_t partition);

/// Returns the replicas that are behind a leader. None without a leader.
std::vector<int32_t> out_of_sync(const Topic& topic, const Partition& partition);

/// Returns whether partition numbers mean the same in both: same topics (by id) with the same numbers of partitions.
bool same_partitions(const Metadata& a, const Metadata& b);

}  // namespace kafkascope::model
