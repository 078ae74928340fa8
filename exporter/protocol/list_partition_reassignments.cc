#include "protocol/list_partition_reassignments.h"

#include "protocol/writer.h"

namespace kafkascope::protocol {
namespace {

Reassignment read_partition(Reader& reader, std::string_view topic) {
  Reassignment reassignment{};
  reassignment.topic = topic;
  reassignment.partition = reader.int32();
  reassignment.replicas = reader.int32_array();
  reassignment.adding = reader.int32_array();
  reassignment.removing = reader.int32_array();
  reader.tags();
  return reassignment;
}

}  // namespace

std::string encode_list_partition_reassignments(int16_t version, int32_t timeout_ms) {
  Writer writer(kListPartitionReassignments.flexible(version));
  writer.int32(timeout_ms);
  writer.null_array();  // all topics
  return writer.take();
}

ListPartitionReassignmentsAnswer decode_list_partition_reassignments(std::string_view answer, int16_t version) {
  Reader reader(answer, kListPartitionReassignments.flexible(version));
  reader.int32();  // throttle time
  ListPartitionReassignmentsAnswer result{};
  result.error = reader.int16();
  result.error_message = reader.string();
  for (size_t topics = reader.array(); topics > 0; --topics) {
    const std::string_view topic = reader.string();
    for (size_t partitions = reader.array(); partitions > 0; --partitions) {
      result.reassignments.push_back(read_partition(reader, topic));
    }
    reader.tags();
  }
  reader.tags();
  reader.end();
  return result;
}

}  // namespace kafkascope::protocol
