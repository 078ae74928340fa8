#include "protocol/describe_quorum.h"

#include <utility>

#include "protocol/reader.h"
#include "protocol/writer.h"

namespace kafkascope::protocol {
namespace {

constexpr size_t kLeastReplicaBytes = 13;

QuorumReplica read_replica(Reader& reader, int16_t version) {
  QuorumReplica replica{
      .id = reader.int32(), .log_end_offset = 0, .last_fetch_timestamp_ms = -1, .last_caught_up_timestamp_ms = -1};
  if (version >= 2) reader.uuid();  // directory id
  replica.log_end_offset = reader.int64();
  if (version >= 1) {
    replica.last_fetch_timestamp_ms = reader.int64();
    replica.last_caught_up_timestamp_ms = reader.int64();
  }
  reader.tags();
  return replica;
}

std::vector<QuorumReplica> read_replicas(Reader& reader, int16_t version) {
  std::vector<QuorumReplica> result;
  const size_t replicas = reader.array(kLeastReplicaBytes);
  result.reserve(replicas);
  for (size_t i = 0; i < replicas; ++i) result.push_back(read_replica(reader, version));
  return result;
}

Quorum no_quorum(int16_t error) {
  return {.error = error, .leader = -1, .leader_epoch = -1, .high_watermark = -1, .voters = {}, .observers = {}};
}

Quorum read_partition(Reader& reader, int16_t version) {
  reader.int32();  // partition index
  Quorum quorum = no_quorum(reader.int16());
  if (version >= 2) reader.string();  // the error in words
  quorum.leader = reader.int32();
  quorum.leader_epoch = reader.int32();
  quorum.high_watermark = reader.int64();
  quorum.voters = read_replicas(reader, version);
  quorum.observers = read_replicas(reader, version);
  reader.tags();
  return quorum;
}

void skip_nodes(Reader& reader) {
  for (size_t nodes = reader.array(); nodes > 0; --nodes) {
    reader.int32();  // id
    for (size_t listeners = reader.array(); listeners > 0; --listeners) {
      reader.string();  // name
      reader.string();  // host
      reader.int16();   // port
      reader.tags();
    }
    reader.tags();
  }
}

}  // namespace

std::string encode_describe_quorum(int16_t version) {
  Writer writer(kDescribeQuorum.flexible(version));
  writer.array(1).string("__cluster_metadata").array(1).int32(0);
  writer.tags().tags();  // of the partition and the topic
  return writer.take();
}

Quorum decode_describe_quorum(std::string_view answer, int16_t version) {
  Reader reader(answer, kDescribeQuorum.flexible(version));
  const int16_t error = reader.int16();
  if (version >= 2) reader.string();  // the error in words
  Quorum result = no_quorum(error);
  bool found = false;
  for (size_t topics = reader.array(); topics > 0; --topics) {
    reader.string();  // name
    for (size_t partitions = reader.array(); partitions > 0; --partitions) {
      Quorum quorum = read_partition(reader, version);
      if (!found) result = std::move(quorum);
      found = true;
    }
    reader.tags();
  }
  if (version >= 2) skip_nodes(reader);
  reader.tags();
  reader.end();
  if (error != 0) result.error = error;
  return result;
}

}  // namespace kafkascope::protocol
