#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/api.h"
#include "protocol/describe_groups.h"

namespace kafkascope::protocol {

/// Version 0 was early access in Kafka 4.0; 4.1 removed it.
inline constexpr Api kShareGroupDescribe{77, "ShareGroupDescribe", 1, 1, 0};

/// Encodes a ShareGroupDescribe request (KIP-932), sent to the groups' coordinator.
std::string encode_share_group_describe(int16_t version, std::span<const std::string_view> groups);

/// Refers to the bytes of the response.
struct ShareGroupMember {
  std::string_view id;
  std::string_view client_id;
  std::string_view host;
  std::vector<AssignedTopic> assignment;  // a partition may be assigned to several members
};

struct ShareGroupDescription {
  int16_t error;  // unknown group: 69 (GROUP_ID_NOT_FOUND)
  std::string_view id;
  std::string_view state;
  std::string_view assignor;
  std::vector<ShareGroupMember> members;
};

std::vector<ShareGroupDescription> decode_share_group_describe(std::string_view answer, int16_t version);

}  // namespace kafkascope::protocol
