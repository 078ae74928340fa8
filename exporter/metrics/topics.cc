#include "metrics/topic_series.h"

namespace kafkascope::metrics {

using model::Partition;
using model::Topic;

void write_topics(const Writing& w) {
  const TopicSeries topics(w);
  const bool held = topics.held;
  /// What the metadata says of a partition.
  const auto fact = [held](const auto& of) {
    return [held, of](const Topic& topic, uint32_t p, const auto& series) {
      series().value(int64_t{of(topic, topic.partitions[p])}, held);
    };
  };

  topics.by_topic({"kafka_topic_partitions", "Number of partitions of the topic."}, [&](size_t t, const auto& series) {
    series().value(static_cast<int64_t>(topics.topics[t].partitions.size()), held);
  });

  topics.offsets(
      "kafka_topic_partition_current_offset",
      "The partition's end offset (high watermark). Absent where it could not be read and is no longer held.",
      w.snapshot.latest);
  topics.offsets("kafka_topic_partition_oldest_offset",
                 "The partition's first offset (log start). Absent where it could not be read and is no longer held.",
                 w.snapshot.earliest);
  topics.offsets("kafka_topic_partition_last_stable_offset",
                 "How far consumers of committed transactions can see: the first offset of an open transaction, else "
                 "the end. Absent unless the configuration asks for it.",
                 w.snapshot.last_stable);
  topics.by_partition({"kafka_topic_partition_leader", "The id of the partition's leader. Absent when it has none."},
                      [held](const Topic& topic, uint32_t p, const auto& series) {
                        const Partition& partition = topic.partitions[p];
                        if (partition.leader != model::kNoBroker) series().value(int64_t{partition.leader}, held);
                      });
  topics.by_partition({"kafka_topic_partition_replicas", "Number of replicas of the partition."},
                      fact([](const Topic&, const Partition& p) { return p.replicas; }));
  topics.by_partition({"kafka_topic_partition_in_sync_replica", "Number of in-sync replicas of the partition."},
                      fact([](const Topic&, const Partition& p) { return p.in_sync; }));
  topics.by_partition({"kafka_topic_partition_leader_is_preferred",
                       "1 if the partition's leader is its first replica, else 0, also without a leader."},
                      fact([](const Topic& topic, const Partition& p) {
                        return p.leader != model::kNoBroker && p.replicas > 0 && topic.replicas(p).front() == p.leader;
                      }));
  topics.by_partition({"kafka_topic_partition_under_replicated_partition",
                       "1 if the partition has fewer in-sync replicas than replicas, else 0."},
                      fact([](const Topic&, const Partition& p) { return p.in_sync < p.replicas; }));

  write_topic_health(topics);
  write_topic_changes(topics);
  write_topic_settings(topics);
  write_topic_sizes(topics);
}

}  // namespace kafkascope::metrics
