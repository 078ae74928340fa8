#include "protocol/describe_share_group_offsets.h"

#include "protocol/reader.h"
#include "protocol/writer.h"

namespace kafkascope::protocol {
namespace {

void read_partition(Reader& reader, int16_t version, const DescribeShareGroupOffsetsSink& sink) {
  const int32_t index = reader.int32();
  const int64_t start_offset = reader.int64();
  reader.int32();  // leader epoch
  const int64_t lag = version >= 1 ? reader.int64() : -1;
  const int16_t error = reader.int16();
  reader.string();  // the error in words
  reader.tags();
  sink.partition(index, error, start_offset, lag);
}

void read_topic(Reader& reader, int16_t version, const DescribeShareGroupOffsetsSink& sink) {
  sink.topic(reader.string());
  reader.uuid();
  for (size_t partitions = reader.array(); partitions > 0; --partitions) read_partition(reader, version, sink);
  reader.tags();
}

void read_group(Reader& reader, int16_t version, const DescribeShareGroupOffsetsSink& sink) {
  sink.group_begin(reader.string());
  for (size_t topics = reader.array(); topics > 0; --topics) read_topic(reader, version, sink);
  const int16_t error = reader.int16();
  reader.string();  // the error in words
  reader.tags();
  sink.group_end(error);
}

}  // namespace

std::string encode_describe_share_group_offsets(int16_t version, std::span<const std::string_view> groups) {
  Writer writer(kDescribeShareGroupOffsets.flexible(version));
  writer.array(groups.size());
  for (std::string_view group : groups) writer.string(group).null_array().tags();  // every topic
  return writer.take();
}

void decode_describe_share_group_offsets(std::string_view answer, int16_t version,
                                         const DescribeShareGroupOffsetsSink& sink) {
  Reader reader(answer, kDescribeShareGroupOffsets.flexible(version));
  reader.int32();  // throttle time
  for (size_t groups = reader.array(); groups > 0; --groups) read_group(reader, version, sink);
  reader.tags();
  reader.end();
}

}  // namespace kafkascope::protocol
