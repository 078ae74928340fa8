#include "protocol/list_offsets.h"

#include "protocol/reader.h"

namespace kafkascope::protocol {
namespace {

constexpr int32_t kNoLeaderEpoch = -1;

void read_partition(Reader& reader, const ListOffsetsSink& sink) {
  const int32_t index = reader.int32();
  const int16_t error = reader.int16();
  const int64_t timestamp = reader.int64();
  const int64_t offset = reader.int64();
  reader.int32();  // leader epoch
  reader.tags();
  sink.partition(index, error, timestamp, offset);
}

}  // namespace

ListOffsetsRequest::ListOffsetsRequest(int16_t version, Isolation isolation, size_t topics, Answering answering)
    : writer_(kListOffsets.flexible(version)) {
  writer_.int32(static_cast<int32_t>(answering)).int8(static_cast<int8_t>(isolation)).array(topics);
}

void ListOffsetsRequest::topic(std::string_view name, size_t partitions) {
  writer_.string(name).array(partitions);
  partitions_left_ = partitions;
  if (partitions_left_ == 0) writer_.tags();
}

void ListOffsetsRequest::partition(int32_t index, int64_t timestamp) {
  writer_.int32(index).int32(kNoLeaderEpoch).int64(timestamp).tags();
  if (--partitions_left_ == 0) writer_.tags();  // of the topic
}

std::string ListOffsetsRequest::take() { return writer_.take(); }

void decode_list_offsets(std::string_view answer, int16_t version, const ListOffsetsSink& sink) {
  Reader reader(answer, kListOffsets.flexible(version));
  reader.int32();  // throttle time
  for (size_t topics = reader.array(); topics > 0; --topics) {
    sink.topic(reader.string());
    for (size_t partitions = reader.array(); partitions > 0; --partitions) read_partition(reader, sink);
    reader.tags();
  }
  reader.tags();
  reader.end();
}

}  // namespace kafkascope::protocol
