#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "protocol/api.h"

namespace kafkascope::protocol {

inline constexpr Api kDescribeLogDirs{35, "DescribeLogDirs", 1, 5, 2};

/// Encodes a DescribeLogDirs request for all topics.
std::string encode_describe_log_dirs(int16_t version);

/// Receives the decoded response: for each directory dir, each topic followed by its replicas, and dir_end.
struct DescribeLogDirsSink {
  /// Called first, since version 3. In earlier versions a denied request returns no directories.
  std::function<void(int16_t error)> answer_error;
  std::function<void(std::string_view path, int16_t error)> dir;
  std::function<void(std::string_view name)> topic;
  /// is_future: the replica is being moved here from another directory of this broker, and is offset_lag records
  /// behind. Of others Kafka reports 0 however far they are behind their leader: it compares their log end with the
  /// high watermark as they know it, which is not beyond their log end.
  std::function<void(int32_t index, int64_t size, int64_t offset_lag, bool is_future)> partition;
  /// Of the volume; -1: not reported (always before version 4).
  std::function<void(int64_t total_bytes, int64_t usable_bytes)> dir_end;
};

/// Throws DecodeError; the sink may have received part of the response by then.
void decode_describe_log_dirs(std::string_view answer, int16_t version, const DescribeLogDirsSink& sink);

}  // namespace kafkascope::protocol
