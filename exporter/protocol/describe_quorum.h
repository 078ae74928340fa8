#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/api.h"

namespace kafkascope::protocol {

inline constexpr Api kDescribeQuorum{55, "DescribeQuorum", 0, 2, 0};

/// Encodes a DescribeQuorum request for the metadata log of a KRaft cluster. Any broker forwards it to the controller.
std::string encode_describe_quorum(int16_t version);

struct QuorumReplica {
  int32_t id;
  int64_t log_end_offset;
  int64_t last_fetch_timestamp_ms;      // -1: not reported (always before version 1)
  int64_t last_caught_up_timestamp_ms;  // -1: not reported (always before version 1)
};

struct Quorum {
  int16_t error;           // of the response, or of the partition
  int32_t leader;          // the active controller; -1: none
  int32_t leader_epoch;    // -1: not reported
  int64_t high_watermark;  // -1: not reported
  std::vector<QuorumReplica> voters;
  std::vector<QuorumReplica> observers;
};

Quorum decode_describe_quorum(std::string_view answer, int16_t version);

}  // namespace kafkascope::protocol
