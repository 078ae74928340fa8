#include "kafka/collect/eligible_leaders.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "kafka/limits.h"
#include "protocol/describe_topic_partitions.h"

namespace kafkascope::kafka {
namespace {

/// Returns whether a partition of the topic may have eligible leader replicas: Kafka keeps them only below
/// min.insync.replicas. `settings`: null if not known.
bool may_have_eligible(const model::Topic& topic, const model::TopicSettings* settings) {
  return std::any_of(topic.partitions.begin(), topic.partitions.end(), [&](const model::Partition& p) {
    const int32_t least = settings ? std::min<int32_t>(settings->min_in_sync, p.replicas) : p.replicas;
    return p.in_sync < least;
  });
}

}  // namespace

void collect_eligible_leaders(RequestBatch& requests, std::span<const int32_t> candidates,
                              const model::Metadata& metadata, const model::Snapshot& last, EligibleLeaders& collected,
                              Failures& failures) {
  for (uint32_t t = 0; t < metadata.topics.size(); ++t) {
    const uint32_t before =
        last.numbering ? model::find_topic(*last.numbering, metadata.topics[t].name) : model::kNoTopic;
    const bool known = before < last.settings.size() && last.settings[before];
    if (may_have_eligible(metadata.topics[t], known ? &*last.settings[before].value : nullptr))
      collected.unknown.push_back(t);
  }
  const auto broker =
      std::find_if(candidates.begin(), candidates.end(), [&](int32_t id) { return !requests.lost(id); });
  if (collected.unknown.empty() || broker == candidates.end()) return;
  if (requests.takes_none(*broker, protocol::kDescribeTopicPartitions)) {  // then there are no eligible leader replicas
    collected.unknown.clear();
    return;
  }

  std::vector<std::string_view> names;
  names.reserve(collected.unknown.size());
  for (const uint32_t topic : collected.unknown) names.push_back(metadata.topics[topic].name);
  std::string next_topic;
  int32_t next_partition = 0;
  bool more = true;
  for (int sent = 0; more && sent < kMaxEligibleRequests; ++sent) {
    more = false;
    requests.ask(
        {*broker, &protocol::kDescribeTopicPartitions,
         [&](int16_t version) {
           std::optional<protocol::TopicPartitionsCursor> cursor;
           if (!next_topic.empty()) cursor = {next_topic, next_partition};
           return protocol::encode_describe_topic_partitions(version, names, kPartitionsPerResponse, cursor);
         },
         [&](int16_t version, std::string_view body) {
           const auto answer = protocol::decode_describe_topic_partitions(body, version);
           for (const auto& topic : answer.topics) {
             const uint32_t t = model::find_topic(metadata, topic.name);
             if (t == model::kNoTopic || topic.error) continue;
             bool same_leaders = true;
             for (const auto& partition : topic.partitions) {
               if (partition.index < 0 || static_cast<size_t>(partition.index) >= metadata.topics[t].partitions.size())
                 continue;
               // An election since the metadata was read: the state before it is not known.
               same_leaders &= partition.leader_epoch == metadata.topics[t].partitions[partition.index].leader_epoch;
               const auto& ids = partition.eligible_leader_replicas;
               auto& eligible = collected.eligible[metadata.topics[t].first_partition + partition.index];
               eligible.clear();
               for (size_t i = 0; i < ids.size(); ++i) eligible.push_back(ids[i]);
             }
             // A topic that exceeds the limit of partitions continues in the next response.
             if (same_leaders && (!answer.next || answer.next->topic != topic.name)) std::erase(collected.unknown, t);
           }
           if (answer.next) {
             next_topic = answer.next->topic;
             next_partition = answer.next->partition;
             std::erase_if(names, [&](std::string_view name) { return name < next_topic; });
             more = !names.empty();  // a request without topics would return all
           }
         },
         [&](const Error& error) { failures.add(error); }});
    requests.run(kStepShare);
  }
}

}  // namespace kafkascope::kafka
