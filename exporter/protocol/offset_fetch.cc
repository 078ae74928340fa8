#include "protocol/offset_fetch.h"

#include "protocol/reader.h"
#include "protocol/writer.h"

namespace kafkascope::protocol {
namespace {

void write_group(Writer& writer, int16_t version, std::string_view group) {
  writer.string(group);
  if (version >= 9) writer.null_string().int32(-1);  // not a member: no member id and epoch
  writer.null_array();                               // all topics
}

void read_partition(Reader& reader, const OffsetFetchSink& sink) {
  const int32_t index = reader.int32();
  const int64_t offset = reader.int64();
  reader.int32();   // leader epoch
  reader.string();  // metadata
  const int16_t error = reader.int16();
  reader.tags();
  sink.partition(index, offset, error);
}

void read_topics(Reader& reader, const OffsetFetchSink& sink) {
  for (size_t topics = reader.array(); topics > 0; --topics) {
    sink.topic(reader.string());
    for (size_t partitions = reader.array(); partitions > 0; --partitions) read_partition(reader, sink);
    reader.tags();
  }
}

void read_group(Reader& reader, const OffsetFetchSink& sink) {
  sink.group_begin(reader.string());
  read_topics(reader, sink);
  const int16_t error = reader.int16();
  reader.tags();
  sink.group_end(error);
}

}  // namespace

std::string encode_offset_fetch(int16_t version, std::span<const std::string_view> groups) {
  Writer writer(kOffsetFetch.flexible(version));
  if (version >= kOffsetFetchManyGroups) {
    writer.array(groups.size());
    for (std::string_view group : groups) {
      write_group(writer, version, group);
      writer.tags();
    }
  } else {
    write_group(writer, version, groups.front());
  }
  if (version >= 7) writer.boolean(false);  // require stable offsets
  return writer.take();
}

void decode_offset_fetch(std::string_view answer, int16_t version, const OffsetFetchSink& sink) {
  Reader reader(answer, kOffsetFetch.flexible(version));
  reader.int32();  // throttle time
  if (version >= kOffsetFetchManyGroups) {
    for (size_t groups = reader.array(); groups > 0; --groups) read_group(reader, sink);
  } else {
    sink.group_begin({});
    read_topics(reader, sink);
    sink.group_end(reader.int16());
  }
  reader.tags();
  reader.end();
}

}  // namespace kafkascope::protocol
