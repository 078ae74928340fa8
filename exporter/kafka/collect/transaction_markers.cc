#include "kafka/collect/transaction_markers.h"

#include <fmt/core.h>

#include <map>

#include "protocol/fetch.h"

namespace kafkascope::kafka {

using model::RecordPosition;

namespace {

/// Orders by partition number, hence by topic.
using Wanted = std::map<uint32_t, int64_t>;

std::string encode(int16_t version, const model::Metadata& metadata, const Wanted& wanted) {
  std::map<const model::Topic*, std::vector<RecordPosition>> topics;
  for (const auto& [partition, offset] : wanted)
    topics[&model::topic_of(metadata, partition)].push_back({partition, offset});
  protocol::FetchRequest request(version, topics.size());
  for (const auto& [topic, records] : topics) {
    request.topic(topic->name, records.size());
    for (const auto& record : records)
      request.partition(static_cast<int32_t>(record.partition - topic->first_partition), record.offset);
  }
  return request.take();
}

/// Returns whether the record at the offset is a transaction marker, from the batches returned. REQUIRES: no error.
std::optional<bool> is_marker(const protocol::FetchedPartition& partition, int64_t offset) {
  if (const auto batch = protocol::find_batch(partition.records, offset))
    return batch->control && batch->base_offset <= offset && offset <= batch->last_offset;
  // A batch was omitted because it is too large, so it holds records and no marker.
  if (partition.records.empty() && partition.high_watermark > offset) return false;
  return std::nullopt;
}

}  // namespace

std::vector<std::pair<RecordPosition, bool>> collect_transaction_markers(RequestBatch& requests,
                                                                         const model::Metadata& metadata,
                                                                         std::span<const RecordPosition> wanted,
                                                                         Failures& failures) {
  std::map<int32_t, Wanted> by_leader;
  for (const RecordPosition& record : wanted) {
    const model::Topic& topic = model::topic_of(metadata, record.partition);
    const int32_t leader = topic.partitions[record.partition - topic.first_partition].leader;
    if (leader != model::kNoBroker) by_leader[leader].insert({record.partition, record.offset});
  }
  std::vector<std::pair<RecordPosition, bool>> collected;
  for (const auto& [leader, of_leader] : by_leader)
    requests.ask({leader, &protocol::kFetch, [&](int16_t version) { return encode(version, metadata, of_leader); },
                  [&](int16_t version, std::string_view body) {
                    uint32_t topic = model::kNoTopic;
                    protocol::FetchSink sink;
                    sink.topic = [&](std::string_view name) { topic = model::find_topic(metadata, name); };
                    sink.partition = [&](const protocol::FetchedPartition& partition) {
                      const auto index = static_cast<uint32_t>(partition.index);
                      if (topic == model::kNoTopic || index >= metadata.topics[topic].partitions.size()) return;
                      const auto record = of_leader.find(metadata.topics[topic].first_partition + index);
                      if (record == of_leader.end()) return;
                      const RecordPosition old{record->first, record->second};
                      if (partition.error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED) {
                        failures.note_missing_permission(
                            "grant READ on the topics, so that transaction markers are recognized");
                        collected.emplace_back(old, false);
                      } else if (!partition.error) {  // else the leader has moved, or the record is deleted
                        if (const auto marker = is_marker(partition, old.offset)) collected.emplace_back(old, *marker);
                      }
                    };
                    if (const int16_t error = protocol::decode_fetch(body, version, sink))
                      failures.add(Error(kafka_code(error), "reading batch headers"));
                  },
                  [&](const Error& error) { failures.add(error); }});
  requests.run();
  return collected;
}

}  // namespace kafkascope::kafka
