#include "families/topic_series.h"

namespace kafkascope::families {

using model::Collector;

void write_topic_sizes(const TopicSeries& topics) {
  const model::LogSizes& sizes = topics.w.figures.log_sizes;
  const auto collector = topics.held ? Collector::kMetadata : Collector::kLogDirs;
  metrics::InputHash input_hash;
  input_hash.add(topics.w.topics_hash);
  for (const auto& [broker, dirs] : topics.w.snapshot.log_dirs)
    if (dirs) input_hash.add(broker).add(dirs.held()).add(dirs->replicas);

  topics.by_topic({.name = "kafka_topic_size_bytes",
                   .help = "Total log size of all replicas of the topic. Absent if the size of any replica is unknown.",
                   .input_hash = input_hash.value()},
                  [&](size_t t, const auto& series) {
                    if (const auto& size = sizes.topics[t]; size.known())
                      series().value(size.value, size.held(), collector);
                  });
  topics.by_partition({.name = "kafka_topic_partition_size_bytes",
                       .help = "Log size of the partition's leader replica. Absent if unknown.",
                       .input_hash = input_hash.value()},
                      [&](const model::Topic& topic, uint32_t p, const auto& series) {
                        if (const auto& size = sizes.partitions[topic.first_partition + p]; size.known())
                          series().value(size.value, size.held(), collector);
                      });
}

}  // namespace kafkascope::families
