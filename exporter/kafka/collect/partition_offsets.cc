#include "kafka/collect/partition_offsets.h"

#include "protocol/reader.h"

namespace kafkascope::kafka {

std::string encode_wanted_offsets(int16_t version, protocol::Isolation isolation, const model::Metadata& metadata,
                                  std::span<const WantedOffset> wanted, protocol::Answering answering) {
  struct Range {
    const model::Topic* topic;
    size_t from, to;
  };
  std::vector<Range> ranges;  // runs of the same topic
  for (size_t i = 0; i < wanted.size();) {
    const model::Topic* topic = &model::topic_of(metadata, wanted[i].partition);
    const size_t from = i;
    while (i < wanted.size() && wanted[i].partition - topic->first_partition < topic->partitions.size()) ++i;
    ranges.push_back({topic, from, i});
  }
  protocol::ListOffsetsRequest request(version, isolation, ranges.size(), answering);
  for (const auto& [topic, from, to] : ranges) {
    request.topic(topic->name, to - from);
    for (size_t i = from; i < to; ++i)
      request.partition(static_cast<int32_t>(wanted[i].partition - topic->first_partition), wanted[i].timestamp);
  }
  return request.take();
}

void decode_wanted_offsets(std::string_view body, int16_t version, const model::Metadata& metadata,
                           const std::function<void(uint32_t, rd_kafka_resp_err_t, int64_t, int64_t)>& read) {
  uint32_t topic = model::kNoTopic;
  protocol::ListOffsetsSink sink;
  sink.topic = [&](std::string_view name) { topic = model::find_topic(metadata, name); };
  sink.partition = [&](int32_t index, int16_t error, int64_t timestamp, int64_t offset) {
    if (topic == model::kNoTopic || index < 0 || static_cast<size_t>(index) >= metadata.topics[topic].partitions.size())
      throw protocol::DecodeError("an offset of a partition that we do not know");
    read(metadata.topics[topic].first_partition + static_cast<uint32_t>(index), kafka_code(error), timestamp, offset);
  };
  protocol::decode_list_offsets(body, version, sink);
}

bool leader_moved(rd_kafka_resp_err_t code) {
  return code == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION || code == RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH ||
         code == RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH || code == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE ||
         code == RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE || code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
}

}  // namespace kafkascope::kafka
