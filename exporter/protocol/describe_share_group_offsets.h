#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "protocol/api.h"

namespace kafkascope::protocol {

inline constexpr Api kDescribeShareGroupOffsets{90, "DescribeShareGroupOffsets", 0, 1, 0};

/// Asks a coordinator where share groups have come to in all their topics, any number of groups.
std::string encode_describe_share_group_offsets(int16_t version, std::span<const std::string_view> groups);

/// Gets what the answer holds: for each group group_begin, its topics each followed by its partitions, group_end with
/// its error.
struct DescribeShareGroupOffsetsSink {
  std::function<void(std::string_view id)> group_begin;
  std::function<void(std::string_view name)> topic;
  /// start_offset -1: nothing was read yet. All before it is done, but it moves late: the lag, which counts what is not
  /// done, may be less than what is behind it. lag -1: not told (before version 1 never).
  std::function<void(int32_t index, int16_t error, int64_t start_offset, int64_t lag)> partition;
  std::function<void(int16_t error)> group_end;
};

/// Throws DecodeError; the sink may by then have got a part. A group that does not exist is a group without topics and
/// without an error.
void decode_describe_share_group_offsets(std::string_view answer, int16_t version,
                                         const DescribeShareGroupOffsetsSink& sink);

}  // namespace kafkascope::protocol
