#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/api.h"
#include "protocol/reader.h"

namespace kafkascope::protocol {

inline constexpr Api kDescribeGroups{15, "DescribeGroups", 5, 6, 5};

/// Encodes a DescribeGroups request: classic groups, sent to their coordinator.
std::string encode_describe_groups(int16_t version, std::span<const std::string_view> groups);

/// Refers to the bytes of the response.
struct DescribedMember {
  std::string_view id;
  std::string_view instance_id;  // empty: not a static member
  std::string_view client_id;
  std::string_view host;        // as Kafka formats it: "/10.0.0.1"
  std::string_view assignment;  // format depends on the protocol type: decode_assignment() for "consumer"
};

struct DescribedGroup {
  int16_t error;  // unknown group: 69 (GROUP_ID_NOT_FOUND); before version 6 no error, but state "Dead"
  std::string_view id;
  std::string_view state;
  std::string_view protocol_type;
  std::string_view protocol;  // the assignor
  std::vector<DescribedMember> members;
};

std::vector<DescribedGroup> decode_describe_groups(std::string_view answer, int16_t version);

struct AssignedTopic {
  std::string_view name;
  Int32Array partitions;
};

/// Decodes the assignment that the group leader computed for a member. Empty bytes are an empty assignment. Throws
/// DecodeError: clients write these bytes, so they may be invalid.
std::vector<AssignedTopic> decode_assignment(std::string_view bytes);

}  // namespace kafkascope::protocol
