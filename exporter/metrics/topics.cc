#include <functional>
#include <string>
#include <vector>

#include "metrics/subjects.h"

namespace kafkascope::metrics {

using model::Collector;
using model::Partition;
using model::Topic;

void write_topics(const model::Snapshot& snapshot, Families& out) {
  static const std::vector<Topic> kNone;
  const auto& topics = snapshot.metadata ? snapshot.metadata->topics : kNone;
  const bool held = snapshot.metadata_held();

  std::vector<std::string> labels;
  labels.reserve(topics.size());
  for (const Topic& topic : topics) labels.push_back(label("topic", topic.name));

  /// A family with a series for each partition: `write` gives it its value, or does not.
  const auto by_partition = [&](const Head& head, const auto& write) {
    out.family(head, [&](Samples& s) {
      for (size_t t = 0; t < topics.size(); ++t)
        for (uint32_t p = 0; p < topics[t].partitions.size(); ++p)
          write(topics[t], p, [&]() -> Samples& { return s.with(labels[t]).with("partition", p); });
    });
  };
  const auto offset = [](const std::vector<model::Value>& offsets) {
    return [&](const Topic& topic, uint32_t p, const auto& series) {
      if (const model::Value& value = offsets[topic.first_partition + p]; value.known()) series().value(value);
    };
  };
  /// What the metadata says of a partition.
  const auto fact = [held](const auto& of) {
    return [held, of](const Topic& topic, uint32_t p, const auto& series) {
      series().value(int64_t{of(topic, topic.partitions[p])}, held);
    };
  };

  out.family({"kafka_topic_partitions", "Number of partitions of the topic."}, [&](Samples& s) {
    for (size_t t = 0; t < topics.size(); ++t)
      s.with(labels[t]).value(static_cast<int64_t>(topics[t].partitions.size()), held);
  });

  by_partition({"kafka_topic_partition_current_offset",
                "The partition's end offset (high watermark). Absent where it could not be read and is no longer held.",
                Type::kGauge, Collector::kOffsets},
               offset(snapshot.latest));
  by_partition({"kafka_topic_partition_oldest_offset",
                "The partition's first offset (log start). Absent where it could not be read and is no longer held.",
                Type::kGauge, Collector::kOffsets},
               offset(snapshot.earliest));
  by_partition({"kafka_topic_partition_leader", "The id of the partition's leader. Absent when it has none."},
               [held](const Topic& topic, uint32_t p, const auto& series) {
                 const Partition& partition = topic.partitions[p];
                 if (partition.leader != model::kNoBroker) series().value(int64_t{partition.leader}, held);
               });
  by_partition({"kafka_topic_partition_replicas", "Number of replicas of the partition."},
               fact([](const Topic&, const Partition& p) { return p.replicas; }));
  by_partition({"kafka_topic_partition_in_sync_replica", "Number of in-sync replicas of the partition."},
               fact([](const Topic&, const Partition& p) { return p.in_sync; }));
  by_partition({"kafka_topic_partition_leader_is_preferred",
                "1 if the partition's leader is its first replica, else 0, also without a leader."},
               fact([](const Topic& topic, const Partition& p) {
                 return p.leader != model::kNoBroker && p.replicas > 0 && topic.replicas(p).front() == p.leader;
               }));
  by_partition({"kafka_topic_partition_under_replicated_partition",
                "1 if the partition has fewer in-sync replicas than replicas, else 0."},
               fact([](const Topic&, const Partition& p) { return p.in_sync < p.replicas; }));
}

}  // namespace kafkascope::metrics
