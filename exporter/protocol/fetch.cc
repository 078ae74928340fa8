#include "protocol/fetch.h"

#include <limits>

#include "protocol/reader.h"

namespace kafkascope::protocol {
namespace {

constexpr int32_t kNotAReplica = -1;
constexpr int32_t kNoSession = 0;
constexpr int32_t kNoSessionEpoch = -1;
constexpr int32_t kNoLeaderEpoch = -1;
constexpr int64_t kNoLogStartOffset = -1;
// More than any request of ours needs, within the brokers' default fetch.max.bytes.
constexpr int32_t kMostBytes = 50'000'000;

// Record batch format 2 (since Kafka 0.11): size of the header, and of the part that batchLength does not count.
constexpr size_t kBatchHeaderBytes = 61;
constexpr size_t kBytesBeforeLengthCounts = 12;
constexpr int8_t kBatchMagic = 2;
constexpr int16_t kLogAppendTime = 0x08;
constexpr int16_t kTransactional = 0x10;
constexpr int16_t kControl = 0x20;
constexpr int16_t kDeleteHorizon = 0x40;  // the base timestamp is the time when compaction may remove tombstones

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
  if (header.attributes & kLogAppendTime) return header.max_timestamp_ms;  // the broker sets only this timestamp
  return header.attributes & kDeleteHorizon ? -1 : header.base_timestamp_ms;
}

void read_partition(Reader& reader, const FetchSink& sink) {
  FetchedPartition partition{};
  partition.index = reader.int32();
  partition.error = reader.int16();
  partition.high_watermark = reader.int64();
  reader.int64();  // last stable offset
  partition.log_start_offset = reader.int64();
  for (size_t aborted = reader.array(); aborted > 0; --aborted) {
    reader.int64();  // producer
    reader.int64();  // first offset
    reader.tags();
  }
  reader.int32();  // preferred read replica
  partition.records = reader.bytes();
  reader.tags();
  sink.partition(partition);
}

}  // namespace

FetchRequest::FetchRequest(int16_t version, size_t topics) : version_(version), writer_(kFetch.flexible(version)) {
  writer_.int32(kNotAReplica);
  writer_.int32(0).int32(0).int32(kMostBytes);       // max wait, min and max bytes
  writer_.int8(0);                                   // read uncommitted
  writer_.int32(kNoSession).int32(kNoSessionEpoch);  // no fetch session
  writer_.array(topics);
}

void FetchRequest::topic(std::string_view name, size_t partitions) {
  writer_.string(name).array(partitions);
  partitions_left_ = partitions;
}

void FetchRequest::partition(int32_t index, int64_t offset) {
  writer_.int32(index).int32(kNoLeaderEpoch).int64(offset);
  if (version_ >= 12) writer_.int32(kNoLeaderEpoch);  // last fetched epoch
  writer_.int64(kNoLogStartOffset).int32(kMostBatchBytes).tags();
  if (--partitions_left_ == 0) writer_.tags();  // of the topic
}

std::string FetchRequest::take() {
  writer_.array(0);    // forgotten topics
  writer_.string("");  // rack
  return writer_.take();
}

int16_t decode_fetch(std::string_view answer, int16_t version, const FetchSink& sink) {
  Reader reader(answer, kFetch.flexible(version));
  reader.int32();  // throttle time
  const int16_t error = reader.int16();
  reader.int32();  // session
  for (size_t topics = reader.array(); topics > 0; --topics) {
    sink.topic(reader.string());
    for (size_t partitions = reader.array(); partitions > 0; --partitions) read_partition(reader, sink);
    reader.tags();
  }
  reader.tags();
  reader.end();
  return error;
}

std::optional<RecordBatch> find_batch(std::string_view records, int64_t offset) {
  while (records.size() >= kBatchHeaderBytes) {
    const BatchHeader header = read_header(records);
    if (header.magic != kBatchMagic) return std::nullopt;
    if (header.last_offset >= offset) {
      return RecordBatch{header.base_offset,
                         header.last_offset,
                         (header.attributes & kControl) != 0,
                         (header.attributes & kTransactional) != 0,
                         first_timestamp_ms(header),
                         header.max_timestamp_ms};
    }
    if (header.bytes > records.size()) return std::nullopt;
    records.remove_prefix(header.bytes);
  }
  return std::nullopt;
}

}  // namespace kafkascope::protocol
