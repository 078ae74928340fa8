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

/// Asks a coordinator about groups of the consumer protocol (KIP-848), any number of them.
std::string encode_consumer_group_describe(int16_t version, std::span<const std::string_view> groups);

/// Views into the answer.
struct ConsumerGroupMember {
  std::string_view id;
  std::string_view instance_id;
  std::string_view client_id;
  std::string_view host;
  std::vector<AssignedTopic> assignment;  // what it owns now, not what it is meant to own
};

struct ConsumerGroupDescription {
  int16_t error;
  std::string_view id;
  std::string_view state;
  std::string_view assignor;
  std::vector<ConsumerGroupMember> members;
};

std::vector<ConsumerGroupDescription> decode_consumer_group_describe(std::string_view answer, int16_t version);

}  // namespace kafkascope::protocol
