#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/api.h"
#include "protocol/describe_groups.h"

namespace kafkascope::protocol {

inline constexpr Api kConsumerGroupDescribe{69, "ConsumerGroupDescribe", 0, 1, 0};

/// Encodes a ConsumerGroupDescribe request (KIP-848), sent to the groups' coordinator.
std::string encode_consumer_group_describe(int16_t version, std::span<const std::string_view> groups);

/// Refers to the bytes of the response.
struct ConsumerGroupMember {
  std::string_view id;
  std::string_view instance_id;
  std::string_view client_id;
  std::string_view host;
  int32_t epoch;
  std::vector<AssignedTopic> assignment;
  std::vector<AssignedTopic> target;  ///< The assignment that the member is to reach.
};

struct ConsumerGroupDescription {
  int16_t error;
  std::string_view id;
  std::string_view state;
  int32_t epoch;  ///< Increases with each change of members or subscriptions.
  std::string_view assignor;
  std::vector<ConsumerGroupMember> members;
};

std::vector<ConsumerGroupDescription> decode_consumer_group_describe(std::string_view answer, int16_t version);

}  // namespace kafkascope::protocol
