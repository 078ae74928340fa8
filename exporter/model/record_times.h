#pragma once

#include <cstdint>

#include "model/value.h"

namespace kafkascope::model {

/// Records with an earlier timestamp (milliseconds since the Unix epoch) count as having none: Kafka is from 2011.
/// Times in seconds that were taken for milliseconds are from January 1970.
inline constexpr int64_t kFirstUsableTime = 1'293'840'000'000;

/// Timestamp of a record, as requested from a partition's leader.
struct RecordTime {
  static constexpr int64_t kFailed = -1, kNone = 0;

  uint32_t partition;  ///< Partition number.
  int64_t offset;      ///< The partition's end or start offset before the request; -1: unknown.
  int64_t ms;          ///< Since the Unix epoch; kNone: no record, or none with a usable timestamp.
};

/// Timestamps of the newest and of the oldest record of a partition in milliseconds since the Unix epoch, and the
/// offsets at which they were requested. While an offset does not change, neither does the timestamp.
struct RecordTimes {
  Value newest, oldest;
  int64_t end = Value::kUnknown, start = Value::kUnknown;
};

}  // namespace kafkascope::model
