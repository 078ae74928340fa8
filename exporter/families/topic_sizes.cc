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
                   .help = "Bytes of the logs of all the topic's replicas. Absent while one of them is not known.",
                   .input_hash = input_hash.value()},
                  [&](size_t t, const auto& series) {
                    if (const auto& size = sizes.topics[t]; size.known())
                      series().value(size.value, size.held(), collector);
                  });
  topics.by_partition({.name = "kafka_topic_partition_size_bytes",
                       .help = "Bytes of the log of the partition's leader. Absent while that is not known.",
                       .input_hash = input_hash.value()},
                      [&](const model::Topic& topic, uint32_t p, const auto& series) {
                        if (const auto& size = sizes.partitions[topic.first_partition + p]; size.known())
                          series().value(size.value, size.held(), collector);
                      });
}

}  // namespace kafkascope::families
