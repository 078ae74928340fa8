#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "protocol/api.h"

namespace kafkascope::protocol {

inline constexpr Api kDescribeShareGroupOffsets{90, "DescribeShareGroupOffsets", 0, 1, 0};

/// Encodes a DescribeShareGroupOffsets request for all topics of share groups, sent to their coordinator.
std::string encode_describe_share_group_offsets(int16_t version, std::span<const std::string_view> groups);

/// Receives the decoded response: for each group group_begin, each topic followed by its partitions, and group_end with
/// the group's error.
struct DescribeShareGroupOffsetsSink {
  std::function<void(std::string_view id)> group_begin;
  std::function<void(std::string_view name)> topic;
  /// start_offset -1: nothing was consumed yet. All records before it are done, but it advances late, so lag (records
  /// that are not done) may be less than end offset - start_offset. lag -1: not reported (always before version 1).
  std::function<void(int32_t index, int16_t error, int64_t start_offset, int64_t lag)> partition;
  std::function<void(int16_t error)> group_end;
};

/// Throws DecodeError; the sink may have received part of the response by then. An unknown group has no topics and no
/// error.
void decode_describe_share_group_offsets(std::string_view answer, int16_t version,
                                         const DescribeShareGroupOffsetsSink& sink);

}  // namespace kafkascope::protocol
