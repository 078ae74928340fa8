#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "protocol/api.h"

namespace kafkascope::protocol {

inline constexpr Api kDescribeLogDirs{35, "DescribeLogDirs", 1, 5, 2};

/// Asks a broker for its log directories and all replicas in them.
std::string encode_describe_log_dirs(int16_t version);

/// Gets what the answer holds, in its order: for each directory dir, its topics each followed by its replicas, dir_end.
struct DescribeLogDirsSink {
  /// Before all else, from version 3 on only: before, a refusal is an answer without directories.
  std::function<void(int16_t error)> answer_error;
  std::function<void(std::string_view path, int16_t error)> dir;
  std::function<void(std::string_view name)> topic;
  /// is_future: it is being moved here from another directory of this broker, and is still offset_lag behind.
  std::function<void(int32_t index, int64_t size, int64_t offset_lag, bool is_future)> partition;
  /// Of the volume; -1: not told (before version 4 never).
  std::function<void(int64_t total_bytes, int64_t usable_bytes)> dir_end;
};

/// Throws DecodeError; the sink may by then have got a part.
void decode_describe_log_dirs(std::string_view answer, int16_t version, const DescribeLogDirsSink& sink);

}  // namespace kafkascope::protocol
