#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/api.h"

namespace kafkascope::protocol {

/// Not above version 12: from 13 on topics go by their ids.
inline constexpr Api kFetch{1, "Fetch", 11, 12, 12};

/// Asks a leader for the one batch of records that holds `offset` or follows it, without waiting for one. The broker
/// sends at least that batch, however large; we read its header only.
std::string encode_fetch_batch_header(int16_t version, std::string_view topic, int32_t partition, int64_t offset);

struct FetchedBatch {
  int16_t error;             // the answer's, or the partition's
  int64_t high_watermark;    // -1: not told
  int64_t log_start_offset;  // -1: not told
  bool any;                  // whether there is a batch that we can read; all below is of it
  int64_t base_offset;
  int64_t last_offset;
  bool control;  // a transaction's marker, not records
  bool transactional;
  int64_t base_timestamp_ms;  // of its first record; -1: not told (where compaction put a time of its own)
  int64_t max_timestamp_ms;   // of its newest
};

/// `offset`: the one that was asked for: batches that end before it do not count. A batch of a format older than
/// Kafka 0.11's, or one that is cut off in its header, is none. Throws DecodeError.
FetchedBatch decode_fetch_batch_header(std::string_view answer, int16_t version, int64_t offset);

}  // namespace kafkascope::protocol
