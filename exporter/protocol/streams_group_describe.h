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

/// Asks a coordinator about groups of the Streams protocol (KIP-1071), any number of them.
std::string encode_streams_group_describe(int16_t version, std::span<const std::string_view> groups);

/// Views into the answer.
struct StreamsGroupMember {
  std::string_view id;
  std::string_view client_id;
  std::string_view host;
  /// What its active tasks read: of each task every source topic, repartition topics among them, with the task's
  /// partitions. A topic that has fewer partitions than the task's others is named with partitions that it lacks.
  std::vector<AssignedTopic> assignment;
};

struct StreamsGroupDescription {
  int16_t error;  // a group that does not exist: 69 (GROUP_ID_NOT_FOUND)
  std::string_view id;
  std::string_view state;
  std::vector<StreamsGroupMember> members;
};

/// A group without a topology, or one that is not configured yet, has no assignment. Throws DecodeError, also of more
/// than a million assigned topics: a small answer could else become any number of them, tasks times topics.
std::vector<StreamsGroupDescription> decode_streams_group_describe(std::string_view answer, int16_t version);

}  // namespace kafkascope::protocol
