#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/api.h"
#include "protocol/writer.h"

namespace kafkascope::protocol {

/// Not above version 12: from 13 on topics go by their ids.
inline constexpr Api kFetch{1, "Fetch", 11, 12, 12};

/// A batch that is larger than this is sent only if it is the first one in the answer, see FetchRequest.
inline constexpr int32_t kMostBatchBytes = 1024;

/// Asks a leader for the batches of records that hold an offset or follow it, one or more of each partition, without
/// waiting for any: we read headers only. Of the first partition that has any, one is sent however large it is; of
/// others none that is larger than kMostBatchBytes.
class FetchRequest {
 public:
  /// `topics`: how many topic() calls follow.
  FetchRequest(int16_t version, size_t topics);
  /// `partitions`: how many partition() calls follow; at least one.
  void topic(std::string_view name, size_t partitions);
  void partition(int32_t index, int64_t offset);
  std::string take();

 private:
  const int16_t version_;
  Writer writer_;
  size_t partitions_left_ = 0;
};

struct FetchedPartition {
  int32_t index;
  int16_t error;
  int64_t high_watermark;    // -1: not told
  int64_t log_start_offset;  // -1: not told
  std::string_view records;  // of the answer
};

struct FetchSink {
  std::function<void(std::string_view name)> topic;
  std::function<void(const FetchedPartition&)> partition;
};

/// Returns the answer's own error; then it usually has no partitions. Throws DecodeError; the sink may by then have got
/// a part.
int16_t decode_fetch(std::string_view answer, int16_t version, const FetchSink& sink);

struct RecordBatch {
  int64_t base_offset;
  int64_t last_offset;
  bool control;  // a transaction's marker, not records
  bool transactional;
  int64_t base_timestamp_ms;  // of its first record; -1: not told (where compaction put a time of its own)
  int64_t max_timestamp_ms;   // of its newest
};

/// The first batch that does not end before `offset`. None as well behind one of a format older than Kafka 0.11's, or
/// one that is cut off in its header. Throws DecodeError.
std::optional<RecordBatch> find_batch(std::string_view records, int64_t offset);

}  // namespace kafkascope::protocol
