#include "protocol/describe_topic_partitions.h"

#include "protocol/writer.h"

namespace kafkascope::protocol {
namespace {

constexpr size_t kLeastTopicBytes = 26;
constexpr size_t kLeastPartitionBytes = 20;
constexpr int8_t kNull = -1;
constexpr int8_t kNotNull = 1;

DescribedPartition read_partition(Reader& reader) {
  DescribedPartition partition{};
  partition.error = reader.int16();
  partition.index = reader.int32();
  partition.leader = reader.int32();
  partition.leader_epoch = reader.int32();
  reader.int32_array();  // replicas
  partition.in_sync = reader.int32_array();
  partition.eligible_leader_replicas = reader.int32_array();
  partition.last_known_eligible = reader.int32_array();
  reader.int32_array();  // offline replicas
  reader.tags();
  return partition;
}

DescribedTopic read_topic(Reader& reader) {
  DescribedTopic topic{};
  topic.error = reader.int16();
  topic.name = reader.string();
  reader.uuid();
  reader.boolean();  // internal
  const size_t partitions = reader.array(kLeastPartitionBytes);
  topic.partitions.reserve(partitions);
  for (size_t i = 0; i < partitions; ++i) topic.partitions.push_back(read_partition(reader));
  reader.int32();  // authorized operations
  reader.tags();
  return topic;
}

std::optional<TopicPartitionsCursor> read_cursor(Reader& reader) {
  if (reader.int8() < 0) return std::nullopt;
  TopicPartitionsCursor cursor{};
  cursor.topic = reader.string();
  cursor.partition = reader.int32();
  reader.tags();
  return cursor;
}

}  // namespace

std::string encode_describe_topic_partitions(int16_t version, std::span<const std::string_view> topics,
                                             int32_t partition_limit,
                                             const std::optional<TopicPartitionsCursor>& cursor) {
  Writer writer(kDescribeTopicPartitions.flexible(version));
  writer.array(topics.size());
  for (std::string_view topic : topics) writer.string(topic).tags();
  writer.int32(partition_limit);
  if (cursor) {
    writer.int8(kNotNull).string(cursor->topic).int32(cursor->partition).tags();
  } else {
    writer.int8(kNull);
  }
  return writer.take();
}

DescribeTopicPartitionsAnswer decode_describe_topic_partitions(std::string_view answer, int16_t version) {
  Reader reader(answer, kDescribeTopicPartitions.flexible(version));
  reader.int32();  // throttle time
  DescribeTopicPartitionsAnswer result;
  const size_t topics = reader.array(kLeastTopicBytes);
  result.topics.reserve(topics);
  for (size_t i = 0; i < topics; ++i) result.topics.push_back(read_topic(reader));
  result.next = read_cursor(reader);
  reader.tags();
  reader.end();
  return result;
}

}  // namespace kafkascope::protocol
