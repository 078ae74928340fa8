#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/api.h"
#include "protocol/describe_groups.h"

namespace kafkascope::protocol {

/// Version 0 was Kafka 4.0's early access, which 4.1 took back.
inline constexpr Api kShareGroupDescribe{77, "ShareGroupDescribe", 1, 1, 0};

/// Asks a coordinator about share groups (KIP-932), any number of them.
std::string encode_share_group_describe(int16_t version, std::span<const std::string_view> groups);

/// Views into the answer.
struct ShareGroupMember {
  std::string_view id;
  std::string_view client_id;
  std::string_view host;
  std::vector<AssignedTopic> assignment;  // members share partitions: one may be several members'
};

struct ShareGroupDescription {
  int16_t error;  // a group that does not exist: 69 (GROUP_ID_NOT_FOUND)
  std::string_view id;
  std::string_view state;
  std::string_view assignor;
  std::vector<ShareGroupMember> members;
};

std::vector<ShareGroupDescription> decode_share_group_describe(std::string_view answer, int16_t version);

}  // namespace kafkascope::protocol
