#include "protocol/fetch.h"

#include <limits>

#include "protocol/reader.h"
#include "protocol/writer.h"

namespace kafkascope::protocol {
namespace {

constexpr int32_t kNotAReplica = -1;
constexpr int32_t kNoSession = 0;
constexpr int32_t kNoSessionEpoch = -1;
constexpr int32_t kNoLeaderEpoch = -1;
constexpr int64_t kNoLogStartOffset = -1;

// A batch, as Kafka writes it since 0.11: its header, and how much of that the batch's own length counts.
constexpr size_t kBatchHeaderBytes = 61;
constexpr size_t kBytesBeforeLengthCounts = 12;
constexpr int8_t kBatchMagic = 2;
constexpr int16_t kLogAppendTime = 0x08;
constexpr int16_t kTransactional = 0x10;
constexpr int16_t kControl = 0x20;
constexpr int16_t kDeleteHorizon = 0x40;  // the base timestamp is when compaction may drop its tombstones

struct BatchHeader {
  size_t bytes;  // the whole batch
  int8_t magic;
  int16_t attributes;
  int64_t base_offset;
  int64_t last_offset;
  int64_t base_timestamp_ms;
  int64_t max_timestamp_ms;
};

/// REQUIRES: kBatchHeaderBytes.
BatchHeader read_header(std::string_view bytes) {
  Reader reader(bytes, /*flexible=*/false);
  BatchHeader header{};
  header.base_offset = reader.int64();
  const int32_t length = reader.int32();
  reader.int32();  // leader epoch
  header.magic = reader.int8();
  if (header.magic != kBatchMagic) return header;
  reader.int32();  // checksum
  header.attributes = reader.int16();
  const int32_t last_offset_delta = reader.int32();
  header.base_timestamp_ms = reader.int64();
  header.max_timestamp_ms = reader.int64();
  if (length < static_cast<int32_t>(kBatchHeaderBytes - kBytesBeforeLengthCounts)) {
    throw DecodeError("batch shorter than its header");
  }
  if (header.base_offset < 0 || last_offset_delta < 0 ||
      header.base_offset > std::numeric_limits<int64_t>::max() - last_offset_delta) {
    throw DecodeError("batch with offsets that cannot be");
  }
  header.bytes = static_cast<size_t>(length) + kBytesBeforeLengthCounts;
  header.last_offset = header.base_offset + last_offset_delta;
  return header;
}

int64_t first_timestamp_ms(const BatchHeader& header) {
  if (header.attributes & kLogAppendTime) return header.max_timestamp_ms;  // the broker sets this one only
  return header.attributes & kDeleteHorizon ? -1 : header.base_timestamp_ms;
}

void find_batch(std::string_view records, int64_t offset, FetchedBatch& batch) {
  while (records.size() >= kBatchHeaderBytes) {
    const BatchHeader header = read_header(records);
    if (header.magic != kBatchMagic) return;
    if (header.last_offset >= offset) {
      batch.any = true;
      batch.base_offset = header.base_offset;
      batch.last_offset = header.last_offset;
      batch.control = header.attributes & kControl;
      batch.transactional = header.attributes & kTransactional;
      batch.base_timestamp_ms = first_timestamp_ms(header);
      batch.max_timestamp_ms = header.max_timestamp_ms;
      return;
    }
    if (header.bytes > records.size()) return;
    records.remove_prefix(header.bytes);
  }
}

FetchedBatch no_batch(int16_t error) {
  FetchedBatch batch{};
  batch.error = error;
  batch.high_watermark = -1;
  batch.log_start_offset = -1;
  return batch;
}

FetchedBatch read_partition(Reader& reader, int64_t offset) {
  reader.int32();  // index
  FetchedBatch batch = no_batch(reader.int16());
  batch.high_watermark = reader.int64();
  reader.int64();  // last stable offset
  batch.log_start_offset = reader.int64();
  for (size_t aborted = reader.array(); aborted > 0; --aborted) {
    reader.int64();  // producer
    reader.int64();  // first offset
    reader.tags();
  }
  reader.int32();  // a replica to read from instead
  find_batch(reader.bytes(), offset, batch);
  reader.tags();
  return batch;
}

}  // namespace

std::string encode_fetch_batch_header(int16_t version, std::string_view topic, int32_t partition, int64_t offset) {
  Writer writer(kFetch.flexible(version));
  writer.int32(kNotAReplica);
  writer.int32(0).int32(0).int32(1);                // wait, at least and at most so many bytes
  writer.int8(0);                                   // read uncommitted
  writer.int32(kNoSession).int32(kNoSessionEpoch);  // a fetch that nothing is remembered of
  writer.array(1).string(topic).array(1).int32(partition).int32(kNoLeaderEpoch).int64(offset);
  if (version >= 12) writer.int32(kNoLeaderEpoch);  // of the record before
  writer.int64(kNoLogStartOffset).int32(1);         // at most so many bytes of the partition
  writer.tags().tags();                             // the partition's and the topic's
  writer.array(0);                                  // what a session should forget
  writer.string("");                                // rack
  return writer.take();
}

FetchedBatch decode_fetch_batch_header(std::string_view answer, int16_t version, int64_t offset) {
  Reader reader(answer, kFetch.flexible(version));
  reader.int32();  // throttle time
  const int16_t error = reader.int16();
  reader.int32();  // session
  FetchedBatch result = no_batch(error);
  bool found = false;
  for (size_t topics = reader.array(); topics > 0; --topics) {
    reader.string();  // name
    for (size_t partitions = reader.array(); partitions > 0; --partitions) {
      const FetchedBatch batch = read_partition(reader, offset);
      if (!found) result = batch;
      found = true;
    }
    reader.tags();
  }
  reader.tags();
  reader.end();
  if (error != 0) result.error = error;
  return result;
}

}  // namespace kafkascope::protocol
