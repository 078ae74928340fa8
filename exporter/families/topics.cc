#include "families/topic_series.h"

namespace kafkascope::families {

using model::Partition;
using model::Topic;

void write_topics(const PageContext& w) {
  const TopicSeries topics(w);
  const bool held = topics.held;
  /// Writes a family by partition from the metadata.
  const auto fact = [&](std::string_view name, std::string_view help, const auto& write) {
    topics.by_partition({.name = name, .help = help, .input_hash = w.topics_hash}, write);
  };
  const auto number = [held](const auto& of) {
    return [held, of](const Topic& topic, uint32_t p, const auto& series) {
      series().value(int64_t{of(topic, topic.partitions[p])}, held);
    };
  };

  topics.by_topic({"kafka_topic_partitions", "Number of partitions of the topic."}, [&](size_t t, const auto& series) {
    series().value(static_cast<int64_t>(topics.topics[t].partitions.size()), held);
  });

  topics.offsets(
      "kafka_topic_partition_current_offset",
      "The partition's log end offset (high watermark). Absent if it could not be read and the last value has expired.",
      w.snapshot.latest);
  topics.offsets("kafka_topic_partition_oldest_offset",
                 "The partition's log start offset. Absent if it could not be read and the last value has expired.",
                 w.snapshot.earliest);
  topics.offsets("kafka_topic_partition_last_stable_offset",
                 "The partition's last stable offset: the first offset of an open transaction, else the high "
                 "watermark. Absent unless enabled in the configuration.",
                 w.snapshot.last_stable);
  fact("kafka_topic_partition_leader",
       "The broker id of the partition's leader. Absent if the partition has no leader.",
       [held](const Topic& topic, uint32_t p, const auto& series) {
         const Partition& partition = topic.partitions[p];
         if (partition.leader != model::kNoBroker) series().value(int64_t{partition.leader}, held);
       });
  fact("kafka_topic_partition_replicas", "Number of replicas of the partition.",
       number([](const Topic&, const Partition& p) { return p.replicas; }));
  fact("kafka_topic_partition_in_sync_replica", "Number of in-sync replicas of the partition.",
       number([](const Topic&, const Partition& p) { return p.in_sync; }));
  fact("kafka_topic_partition_leader_is_preferred",
       "1 if the partition's leader is its first replica, else 0. 0 if it has no leader.",
       number([](const Topic& topic, const Partition& p) {
         return p.leader != model::kNoBroker && p.replicas > 0 && topic.replicas(p).front() == p.leader;
       }));
  fact("kafka_topic_partition_under_replicated_partition",
       "1 if the partition has fewer in-sync replicas than replicas, else 0.",
       number([](const Topic&, const Partition& p) { return p.in_sync < p.replicas; }));

  write_topic_health(topics);
  write_topic_changes(topics);
  write_topic_settings(topics);
  write_topic_sizes(topics);
  write_topic_times(topics);
}

}  // namespace kafkascope::families
