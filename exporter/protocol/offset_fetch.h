#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "protocol/api.h"

namespace kafkascope::protocol {

inline constexpr Api kOffsetFetch{9, "OffsetFetch", 6, 9, 6};

/// Requests of earlier versions contain exactly one group.
inline constexpr int16_t kOffsetFetchManyGroups = 8;

/// Encodes an OffsetFetch request for all committed offsets of groups, sent to their coordinator. REQUIRES: one group
/// where version < kOffsetFetchManyGroups.
std::string encode_offset_fetch(int16_t version, std::span<const std::string_view> groups);

/// Receives the decoded response: for each group group_begin, each topic followed by its partitions, and group_end with
/// the group's error. Before kOffsetFetchManyGroups the group id is empty.
struct OffsetFetchSink {
  std::function<void(std::string_view id)> group_begin;
  std::function<void(std::string_view name)> topic;
  std::function<void(int32_t index, int64_t offset, int16_t error)> partition;  // offset -1: no commit
  std::function<void(int16_t error)> group_end;
};

/// Throws DecodeError; the sink may have received part of the response by then. An unknown group has no topics and no
/// error.
void decode_offset_fetch(std::string_view answer, int16_t version, const OffsetFetchSink& sink);

}  // namespace kafkascope::protocol
