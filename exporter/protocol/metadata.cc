#include "protocol/metadata.h"

#include "protocol/writer.h"

namespace kafkascope::protocol {
namespace {

constexpr size_t kLeastPartitionBytes = 18;

MetadataBroker read_broker(Reader& reader) {
  MetadataBroker broker{};
  broker.id = reader.int32();
  broker.host = reader.string();
  broker.port = reader.int32();
  broker.rack = reader.string();
  reader.tags();
  return broker;
}

MetadataPartition read_partition(Reader& reader) {
  MetadataPartition partition{};
  partition.error = reader.int16();
  partition.index = reader.int32();
  partition.leader = reader.int32();
  partition.leader_epoch = reader.int32();
  partition.replicas = reader.int32_array();
  partition.in_sync = reader.int32_array();
  reader.int32_array();  // offline replicas
  reader.tags();
  return partition;
}

void read_topic(Reader& reader, int16_t version, const MetadataSink& sink) {
  MetadataTopic topic{};
  topic.error = reader.int16();
  topic.name = reader.string();
  if (version >= 10) topic.id = reader.uuid();
  topic.internal = reader.boolean();
  topic.partitions = reader.array(kLeastPartitionBytes);
  sink.topic(topic);
  for (size_t left = topic.partitions; left > 0; --left) sink.partition(read_partition(reader));
  const int32_t operations = reader.int32();
  if (sink.operations) sink.operations(operations);
  reader.tags();
}

std::string finish(Writer& writer, bool operations) {
  writer.boolean(false);       // allow auto topic creation
  writer.boolean(false);       // include authorized operations of the cluster
  writer.boolean(operations);  // of the topics
  return writer.take();
}

}  // namespace

std::string encode_metadata(int16_t version, bool operations) {
  Writer writer(kMetadata.flexible(version));
  writer.null_array();  // all topics
  return finish(writer, operations);
}

std::string encode_topic_metadata(int16_t version, std::string_view topic) {
  Writer writer(kMetadata.flexible(version));
  writer.array(1);
  if (version >= 10) writer.int64(0).int64(0);  // topic ID
  writer.string(topic).tags();
  return finish(writer, false);
}

void decode_metadata(std::string_view answer, int16_t version, const MetadataSink& sink) {
  Reader reader(answer, kMetadata.flexible(version));
  reader.int32();  // throttle time
  for (size_t left = reader.array(); left > 0; --left) sink.broker(read_broker(reader));
  MetadataCluster cluster{};
  cluster.id = reader.string();
  cluster.controller = reader.int32();
  sink.cluster(cluster);
  for (size_t left = reader.array(); left > 0; --left) read_topic(reader, version, sink);
  reader.int32();  // authorized operations
  reader.tags();
  reader.end();
}

}  // namespace kafkascope::protocol
