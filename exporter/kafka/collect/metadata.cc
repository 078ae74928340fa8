#include "kafka/collect/metadata.h"

#include <fmt/core.h>

#include <algorithm>

#include "kafka/limits.h"
#include "protocol/metadata.h"

namespace kafkascope::kafka {
namespace {

using model::Metadata;
using model::Topic;

/// A name that no topic has: a missing permission to describe it shows that topics are hidden.
constexpr std::string_view kProbeTopic = "kafkascope-may-i-describe-topics";

struct Answer {
  Metadata metadata;
  bool any_topic = false;
};

void add_partition(Topic& topic, const protocol::MetadataPartition& from) {
  if (from.index < 0 || static_cast<size_t>(from.index) >= topic.partitions.size())
    throw protocol::DecodeError(fmt::format("topic {} has no partition {}", topic.name, from.index));
  model::Partition& p = topic.partitions[from.index];
  p.leader = from.leader;
  p.leader_epoch = from.leader_epoch;
  p.first_node = static_cast<uint32_t>(topic.nodes.size());
  p.replicas = static_cast<uint16_t>(from.replicas.size());
  p.in_sync = static_cast<uint16_t>(from.in_sync.size());
  for (size_t i = 0; i < from.replicas.size(); ++i) topic.nodes.push_back(from.replicas[i]);
  for (size_t i = 0; i < from.in_sync.size(); ++i) topic.nodes.push_back(from.in_sync[i]);
}

/// Sorts the nodes by partition: brokers return partitions in any order, and equal metadata must compare equal.
void sort_nodes(Topic& topic) {
  std::vector<int32_t> nodes;
  nodes.reserve(topic.nodes.size());
  for (model::Partition& p : topic.partitions) {
    const auto first = topic.nodes.begin() + p.first_node;
    p.first_node = static_cast<uint32_t>(nodes.size());
    nodes.insert(nodes.end(), first, first + p.replicas + p.in_sync);
  }
  topic.nodes = std::move(nodes);
}

Answer read(std::string_view body, int16_t version, const config::Filter& wanted, Failures& failures) {
  Answer answer;
  Metadata& metadata = answer.metadata;
  Topic* topic = nullptr;  // whose partitions are read; null: excluded
  protocol::MetadataSink sink;
  sink.broker = [&](const protocol::MetadataBroker& b) {
    metadata.brokers.push_back({b.id, std::string(b.host), b.port, std::string(b.rack)});
  };
  sink.cluster = [&](const protocol::MetadataCluster& cluster) {
    metadata.cluster_id = cluster.id;
    metadata.controller = cluster.controller;
  };
  sink.topic = [&](const protocol::MetadataTopic& t) {
    topic = nullptr;
    answer.any_topic = true;
    if (!wanted.matches(t.name)) {
      ++metadata.omitted_topics;
      return;
    }
    if (t.error && t.partitions == 0) {
      failures.add(Error(kafka_code(t.error), fmt::format("metadata of topic {}", t.name)));
      return;
    }
    topic = &metadata.topics.emplace_back();
    topic->name = t.name;
    std::copy_n(t.id.data(), std::min(t.id.size(), topic->id.size()), topic->id.data());
    topic->internal = t.internal;
    topic->partitions.resize(t.partitions);
  };
  sink.partition = [&](const protocol::MetadataPartition& p) {
    if (topic) add_partition(*topic, p);
  };
  protocol::decode_metadata(body, version, sink);

  const auto by_id = [](auto& a, auto& b) { return a.id < b.id; };
  const auto by_name = [](auto& a, auto& b) { return a.name < b.name; };
  std::sort(metadata.brokers.begin(), metadata.brokers.end(), by_id);
  std::sort(metadata.topics.begin(), metadata.topics.end(), by_name);
  // Each topic once, whatever the broker sends: no series may occur twice on a page.
  const auto twice = [](auto less) { return [less](auto& a, auto& b) { return !less(a, b); }; };
  metadata.brokers.erase(std::unique(metadata.brokers.begin(), metadata.brokers.end(), twice(by_id)),
                         metadata.brokers.end());
  metadata.topics.erase(std::unique(metadata.topics.begin(), metadata.topics.end(), twice(by_name)),
                        metadata.topics.end());
  for (Topic& t : metadata.topics) {
    sort_nodes(t);
    t.first_partition = metadata.partition_count;
    metadata.partition_count += static_cast<uint32_t>(t.partitions.size());
  }
  return answer;
}

/// Kafka omits topics that the user may not describe, but returns an error for one requested by name.
void check_hidden_topics(RequestBatch& requests, int32_t broker, Failures& failures) {
  requests.ask({broker, &protocol::kMetadata,
                [](int16_t version) { return protocol::encode_topic_metadata(version, kProbeTopic); },
                [&](int16_t version, std::string_view body) {
                  protocol::MetadataSink sink;
                  sink.broker = [](const auto&) {};
                  sink.cluster = [](const auto&) {};
                  sink.topic = [&](const protocol::MetadataTopic& topic) {
                    if (topic.error == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
                      failures.add(model::Failure{model::Reason::kAuthorization,
                                                  "no topic is visible: grant DESCRIBE on the topics"});
                  };
                  sink.partition = [](const auto&) {};
                  protocol::decode_metadata(body, version, sink);
                },
                [&](const Error& error) { failures.add(error); }});
  requests.run(kStepShare);
}

}  // namespace

std::shared_ptr<const Metadata> collect_metadata(RequestBatch& requests, std::span<const int32_t> candidates,
                                                 const config::Filter& wanted, Failures& failures) {
  Failures unanswered;  // dropped if another broker responds
  for (const int32_t broker : candidates) {
    std::shared_ptr<const Metadata> metadata;
    bool any_topic = false;
    requests.ask({broker, &protocol::kMetadata, [](int16_t version) { return protocol::encode_metadata(version); },
                  [&](int16_t version, std::string_view body) {
                    Answer answer = read(body, version, wanted, failures);
                    any_topic = answer.any_topic;
                    metadata = std::make_shared<const Metadata>(std::move(answer.metadata));
                  },
                  [&](const Error& error) { unanswered.add(error); }});
    requests.run(kStepShare);
    if (!metadata) continue;
    if (!any_topic) check_hidden_topics(requests, broker, failures);
    return metadata;
  }
  for (auto& failure : unanswered.take()) failures.add(std::move(failure));
  if (failures.empty()) failures.add(model::Failure{model::Reason::kUnreachable, "no broker is connected"});
  return nullptr;
}

}  // namespace kafkascope::kafka
