#include "kafka/collect/topic_operations.h"

#include "protocol/metadata.h"

namespace kafkascope::kafka {
namespace {

constexpr int32_t kRead = 1 << 3;  ///< By Kafka's number of the operation.

TopicOperations read(std::string_view body, int16_t version, const config::Filter& wanted) {
  TopicOperations result;
  bool is_wanted = false;
  protocol::MetadataSink sink;
  sink.broker = [](const auto&) {};
  sink.cluster = [](const auto&) {};
  sink.partition = [](const auto&) {};
  sink.topic = [&](const protocol::MetadataTopic& topic) { is_wanted = !topic.error && wanted.matches(topic.name); };
  sink.operations = [&](int32_t operations) {
    result.topics += is_wanted;
    result.unreadable += is_wanted && (operations & kRead) == 0;
  };
  protocol::decode_metadata(body, version, sink);
  return result;
}

}  // namespace

std::optional<TopicOperations> collect_topic_operations(RequestBatch& requests, int32_t broker,
                                                        const config::Filter& wanted, Failures& failures) {
  std::optional<TopicOperations> result;
  requests.ask({broker, &protocol::kMetadata, [](int16_t version) { return protocol::encode_metadata(version, true); },
                [&](int16_t version, std::string_view body) { result = read(body, version, wanted); },
                [&](const Error& error) { failures.add(error); }});
  requests.run();
  return result;
}

}  // namespace kafkascope::kafka
