#include <algorithm>
#include <limits>
#include <string>

#include "families/topic_series.h"

namespace kafkascope::families {

using model::Collector;
using model::TopicSettings;

namespace {

/// Formats a topic id as Kafka does: URL-safe base64 without padding. Empty if the broker is too old to report ids.
std::string text_of(const model::TopicId& id) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  std::string text;
  if (std::all_of(id.begin(), id.end(), [](char byte) { return byte == 0; })) return text;
  uint32_t bits = 0;
  int count = 0;
  for (const char byte : id) {
    bits = bits << 8 | static_cast<unsigned char>(byte);
    for (count += 8; count >= 6; count -= 6) text += kDigits[bits >> (count - 6) & 63];
  }
  return text += kDigits[bits << (6 - count) & 63];  // 128 bits are 21 digits and 2 bits
}

double limit(int64_t value, double unit) {
  return value < 0 ? std::numeric_limits<double>::infinity() : static_cast<double>(value) / unit;
}

}  // namespace

void write_topic_settings(const TopicSeries& topics) {
  const auto& snapshot = topics.w.snapshot;
  const auto held = [&](size_t t) {
    return topics.held || (t < snapshot.settings.size() && snapshot.settings[t].held());
  };
  const auto collector = topics.held ? Collector::kMetadata : Collector::kTopicConfigs;

  topics.by_topic({"kafka_topic_info",
                   "The topic's id (empty before Kafka 2.8), its cleanup policy (empty if unknown) and whether it is "
                   "internal. Always 1. Absent until its configuration was requested."},
                  [&](size_t t, const auto& series) {
                    if (t >= snapshot.settings_state.size() || !snapshot.settings_state[t]) return;
                    const model::Topic& topic = topics.topics[t];
                    const auto& settings = snapshot.settings[t];
                    series()
                        .with(label("topic_id", text_of(topic.id)))
                        .with(label("cleanup_policy", settings ? settings->cleanup_policy : ""))
                        .with(label("internal", topic.internal ? "true" : "false"))
                        .value(int64_t{1}, held(t), collector);
                  });

  topics.by_topic({"kafka_topic_replication_factor", "Number of replicas of the topic's first partition."},
                  [&](size_t t, const auto& series) {
                    const auto& partitions = topics.topics[t].partitions;
                    if (!partitions.empty()) series().value(int64_t{partitions.front().replicas}, topics.held);
                  });

  const auto setting = [&](std::string_view name, std::string_view help, const auto& write) {
    topics.by_topic({name, help}, [&](size_t t, const auto& series) {
      if (t < snapshot.settings.size() && snapshot.settings[t])
        write(*snapshot.settings[t].value, [&](auto value) { series().value(value, held(t), collector); });
    });
  };
  setting("kafka_topic_min_insync_replicas", "The topic's min.insync.replicas. Absent if its configuration is unknown.",
          [](const TopicSettings& settings, const auto& value) { value(int64_t{settings.min_in_sync}); });
  setting("kafka_topic_retention_seconds",
          "The topic's retention time, +Inf if unlimited. Absent if the topic is only compacted or its configuration "
          "is unknown.",
          [](const TopicSettings& settings, const auto& value) {
            if (settings.deletes()) value(limit(settings.retention_ms, 1000));
          });
  setting("kafka_topic_retention_bytes",
          "The retention size of each partition of the topic, +Inf if unlimited. Absent if the topic is only compacted "
          "or its configuration is unknown.",
          [](const TopicSettings& settings, const auto& value) {
            if (settings.deletes()) value(limit(settings.retention_bytes, 1));
          });

  topics.w.out.family({"kafka_topic_dead_letter_info",
                       "The topic is a dead letter queue: kind is pattern, by its name; of is the topic or group that "
                       "its name contains, empty if there is none. Always 1."},
                      [&](SampleWriter& s) {
                        for (const auto& queue : topics.w.figures.dead_letters)
                          s.with(topics.w.topics[queue.topic])
                              .with(label("kind", "pattern"))
                              .with(label("of", queue.of))
                              .value(int64_t{1}, topics.held);
                      });
  const auto& labels = topics.w.figures.topic_labels;
  topics.by_topic({"kafka_topic_labels",
                   "Labels given to the topic in the configuration, to join with other series. Always 1. Absent if no "
                   "expression matches the topic."},
                  [&](size_t t, const auto& series) {
                    if (t < labels.size() && !labels[t].empty())
                      with_labels(series(), labels[t]).value(int64_t{1}, topics.held);
                  });
}

}  // namespace kafkascope::families
