#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "protocol/api.h"

namespace kafkascope::protocol {

inline constexpr Api kOffsetFetch{9, "OffsetFetch", 6, 9, 6};

/// From this version on a request holds many groups; before, exactly one.
inline constexpr int16_t kOffsetFetchManyGroups = 8;

/// Asks a coordinator for every offset that the groups have committed.
/// REQUIRES: one group where version < kOffsetFetchManyGroups.
std::string encode_offset_fetch(int16_t version, std::span<const std::string_view> groups);

/// Gets what the answer holds: for each group group_begin, its topics each followed by its partitions, group_end with
/// its error. Before kOffsetFetchManyGroups the id is empty: the caller knows which group it asked for.
struct OffsetFetchSink {
  std::function<void(std::string_view id)> group_begin;
  std::function<void(std::string_view name)> topic;
  std::function<void(int32_t index, int64_t offset, int16_t error)> partition;  // offset -1: no commit
  std::function<void(int16_t error)> group_end;
};

/// Throws DecodeError; the sink may by then have got a part. A group that does not exist is a group without topics and
/// without an error.
void decode_offset_fetch(std::string_view answer, int16_t version, const OffsetFetchSink& sink);

}  // namespace kafkascope::protocol
