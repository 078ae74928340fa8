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

/// Asks a coordinator about groups of the classic protocol, any number of them.
std::string encode_describe_groups(int16_t version, std::span<const std::string_view> groups);

/// Views into the answer.
struct DescribedMember {
  std::string_view id;
  std::string_view instance_id;  // empty: not a static member
  std::string_view client_id;
  std::string_view host;        // as Kafka has it: "/10.0.0.1"
  std::string_view assignment;  // bytes of the group's own protocol: decode_assignment() for "consumer"
};

struct DescribedGroup {
  int16_t error;  // a group that does not exist: 69 (GROUP_ID_NOT_FOUND), before version 6 none, but state "Dead"
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

/// What the consumer protocol's leader gave a member. Empty bytes are an empty assignment. Throws DecodeError: members
/// write these bytes, so any client can make them wrong.
std::vector<AssignedTopic> decode_assignment(std::string_view bytes);

}  // namespace kafkascope::protocol
