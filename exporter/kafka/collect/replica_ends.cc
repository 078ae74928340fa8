#include "kafka/collect/replica_ends.h"

#include <fmt/core.h>

#include <algorithm>

#include "kafka/collect/partition_offsets.h"
#include "kafka/limits.h"

namespace kafkascope::kafka {
namespace {

/// Returns the offsets to request, by broker.
ByLeader out_of_sync(const model::Metadata& metadata) {
  ByLeader wanted;
  for (const auto& broker : metadata.brokers) wanted[broker.id];
  for (const auto& topic : metadata.topics)
    for (uint32_t p = 0; p < topic.partitions.size(); ++p)
      for (const int32_t id : model::out_of_sync(topic, topic.partitions[p]))
        if (const auto broker = wanted.find(id); broker != wanted.end())
          broker->second.push_back({topic.first_partition + p, protocol::kLatestOffset});
  std::erase_if(wanted, [](const auto& entry) { return entry.second.empty(); });
  return wanted;
}

/// A broker that has just started does not know all of its replicas, one that lost a disk has not got them, and servers
/// other than Kafka may let only leaders answer.
bool has_no_replica(rd_kafka_resp_err_t code) {
  return leader_moved(code) || code == RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR ||
         code == RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE;
}

}  // namespace

std::vector<model::ReplicaEnd> collect_replica_ends(RequestBatch& requests, const model::Metadata& metadata,
                                                    Failures& failures) {
  std::vector<model::ReplicaEnd> ends;
  const ByLeader wanted = out_of_sync(metadata);
  if (wanted.empty()) return ends;
  for (const auto& [id, partitions] : wanted)
    requests.ask({id, &protocol::kListOffsets,
                  [&metadata, &partitions = partitions](int16_t version) {
                    return encode_wanted_offsets(version, protocol::Isolation::kReadUncommitted, metadata, partitions,
                                                 protocol::Answering::kAnyReplica);
                  },
                  [&, broker = id](int16_t version, std::string_view body) {
                    decode_wanted_offsets(body, version, metadata,
                                          [&](uint32_t partition, rd_kafka_resp_err_t code, int64_t, int64_t offset) {
                                            if (!code && offset >= 0)
                                              ends.push_back({broker, partition, offset});
                                            else if (code && !has_no_replica(code))
                                              failures.add(
                                                  code, fmt::format("log end of a replica of topic {} on broker {}",
                                                                    model::topic_of(metadata, partition).name, broker));
                                          });
                  },
                  [&](const Error& error) { failures.add(error); }});
  requests.run(kStepShare);
  std::sort(ends.begin(), ends.end());
  return ends;
}

}  // namespace kafkascope::kafka
