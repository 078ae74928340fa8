#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

namespace kafkascope::model {

/// A partition by the index of its topic in Metadata::topics and Kafka's partition id.
struct PartitionRef {
  uint32_t topic;
  int32_t partition;

  auto operator<=>(const PartitionRef&) const = default;
};

struct Commit {
  PartitionRef partition;
  int64_t offset;
};

struct Member {
  std::string id, client_id, host;
  std::vector<PartitionRef> assigned;  ///< Of topics that match the filter; sorted.
};

/// A consumer group, as described by its coordinator.
struct Group {
  std::string id;
  std::string type;      ///< classic, consumer, connect, streams or simple
  std::string protocol;  ///< The assignor; empty: none, or not reported.
  std::string state;     ///< Kafka's name; empty: unknown.
  int32_t coordinator;
  int32_t members = -1;  ///< -1: not known
  /// Members without partitions; -1: unknown, or not applicable.
  int32_t idle_members = -1;
  /// Members below the group's epoch, and partitions that members do not have as the coordinator wants; -1: unknown, or
  /// not a KIP-848 group.
  int32_t members_behind = -1, unreconciled_partitions = -1;
  /// Hash of the members and their assignment; 0: unknown.
  uint64_t membership = 0;
  /// Whether `assigned` is complete. false during a rebalance and for groups that do not assign partitions.
  bool assignment_known = false;
  std::vector<PartitionRef> assigned = {};  ///< Partitions assigned to a member; sorted.
  std::vector<Member> member_list = {};     ///< Empty unless members or owners are enabled; sorted by id.
};

/// A share group (KIP-932), as described by its coordinator.
struct ShareGroup {
  std::string id;
  std::string state;
  int32_t coordinator;
  int32_t members = -1;  ///< -1: not known
};

}  // namespace kafkascope::model
