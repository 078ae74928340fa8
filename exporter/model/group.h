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
  std::vector<PartitionRef> assigned;  ///< Of the topics that the filter wants; sorted.
};

/// A consumer group as its coordinator describes it.
struct Group {
  std::string id;
  std::string type;      ///< classic, consumer, connect, streams or simple
  std::string protocol;  ///< The assignor; empty: none, or not reported.
  std::string state;     ///< Kafka's name of the state; empty: unknown.
  int32_t coordinator;
  int32_t members = -1;  ///< -1: not known
  int32_t idle_members =
      -1;  ///< Without any partition; -1: not known, as while a group rebalances, or without meaning.
  /// Hash of the members and their assignment; 0: unknown.
  uint64_t membership = 0;
  /// Whether `assigned` is all that is owned: not while a group rebalances, nor for groups that own no partitions.
  bool assignment_known = false;
  std::vector<PartitionRef> assigned = {};  ///< Owned by a member now; sorted.
  std::vector<Member> member_list = {};     ///< Only where the configuration wants members or owners; sorted by id.
};

/// A share group (KIP-932) as its coordinator describes it.
struct ShareGroup {
  std::string id;
  std::string state;
  int32_t coordinator;
  int32_t members = -1;  ///< -1: not known
};

}  // namespace kafkascope::model
