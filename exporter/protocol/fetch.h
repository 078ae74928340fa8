#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "protocol/api.h"
#include "protocol/writer.h"

namespace kafkascope::protocol {

/// Version 12 is the last one that identifies topics by name.
inline constexpr Api kFetch{1, "Fetch", 11, 12, 12};

/// Larger batches are returned only for the first non-empty partition of a response, see FetchRequest.
inline constexpr int32_t kMostBatchBytes = 1024;

/// Encodes a Fetch request, sent to the leader, for the batch of each partition that contains an offset or follows it.
/// Only batch headers are decoded. Does not wait for new records. The first non-empty partition returns its batch
/// whatever the size, others none larger than kMostBatchBytes.
class FetchRequest {
 public:
  /// `topics`: number of topic() calls that follow.
  FetchRequest(int16_t version, size_t topics);
  /// `partitions`: number of partition() calls that follow; at least one.
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
  int64_t high_watermark;    // -1: not reported
  int64_t log_start_offset;  // -1: not reported
  std::string_view records;  // refers to the response
};

struct FetchSink {
  std::function<void(std::string_view name)> topic;
  std::function<void(const FetchedPartition&)> partition;
};

/// Returns the top-level error; with one, the response usually has no partitions. Throws DecodeError; the sink may have
/// received part of the response by then.
int16_t decode_fetch(std::string_view answer, int16_t version, const FetchSink& sink);

struct RecordBatch {
  int64_t base_offset;
  int64_t last_offset;
  bool control;  // a transaction marker, no records
  bool transactional;
  int64_t base_timestamp_ms;  // of its first record; -1: unknown (replaced by compaction)
  int64_t max_timestamp_ms;   // of its newest record
};

/// Returns the first batch that contains `offset` or follows it. Returns nothing after a batch in a format before Kafka
/// 0.11, or one with a truncated header. Throws DecodeError.
std::optional<RecordBatch> find_batch(std::string_view records, int64_t offset);

}  // namespace kafkascope::protocol
