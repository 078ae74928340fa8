#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/api.h"
#include "protocol/describe_groups.h"

namespace kafkascope::protocol {

inline constexpr Api kStreamsGroupDescribe{89, "StreamsGroupDescribe", 0, 0, 0};

/// Encodes a StreamsGroupDescribe request (KIP-1071), sent to the groups' coordinator.
std::string encode_streams_group_describe(int16_t version, std::span<const std::string_view> groups);

/// Refers to the bytes of the response.
struct StreamsGroupMember {
  std::string_view id;
  std::string_view client_id;
  std::string_view host;
  /// Source partitions of its active tasks: every source topic (including repartition topics) of a task's subtopology
  /// with the task's partition. A topic with fewer partitions than others of the subtopology may appear with partitions
  /// that do not exist.
  std::vector<AssignedTopic> assignment;
};

struct StreamsGroupDescription {
  int16_t error;  // unknown group: 69 (GROUP_ID_NOT_FOUND)
  std::string_view id;
  std::string_view state;
  std::vector<StreamsGroupMember> members;
};

/// A group without a topology, or whose topology is not ready, has no assignment. Throws DecodeError, also for more
/// than a million assigned topics (tasks times topics): their number is not bounded by the size of the response.
std::vector<StreamsGroupDescription> decode_streams_group_describe(std::string_view answer, int16_t version);

}  // namespace kafkascope::protocol
