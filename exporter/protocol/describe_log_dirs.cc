#include "protocol/describe_log_dirs.h"

#include "protocol/reader.h"
#include "protocol/writer.h"

namespace kafkascope::protocol {
namespace {

void read_partition(Reader& reader, const DescribeLogDirsSink& sink) {
  const int32_t index = reader.int32();
  const int64_t size = reader.int64();
  const int64_t offset_lag = reader.int64();
  const bool is_future = reader.boolean();
  reader.tags();
  sink.partition(index, size, offset_lag, is_future);
}

void read_dir(Reader& reader, int16_t version, const DescribeLogDirsSink& sink) {
  const int16_t error = reader.int16();
  sink.dir(reader.string(), error);
  for (size_t topics = reader.array(); topics > 0; --topics) {
    sink.topic(reader.string());
    for (size_t partitions = reader.array(); partitions > 0; --partitions) read_partition(reader, sink);
    reader.tags();
  }
  const int64_t total_bytes = version >= 4 ? reader.int64() : -1;
  const int64_t usable_bytes = version >= 4 ? reader.int64() : -1;
  if (version >= 5) reader.boolean();  // is cordoned
  reader.tags();
  sink.dir_end(total_bytes, usable_bytes);
}

}  // namespace

std::string encode_describe_log_dirs(int16_t version) {
  Writer writer(kDescribeLogDirs.flexible(version));
  writer.null_array();  // all topics
  return writer.take();
}

void decode_describe_log_dirs(std::string_view answer, int16_t version, const DescribeLogDirsSink& sink) {
  Reader reader(answer, kDescribeLogDirs.flexible(version));
  reader.int32();  // throttle time
  if (version >= 3) sink.answer_error(reader.int16());
  for (size_t dirs = reader.array(); dirs > 0; --dirs) read_dir(reader, version, sink);
  reader.tags();
  reader.end();
}

}  // namespace kafkascope::protocol
