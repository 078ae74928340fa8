#pragma once

#include <vector>

#include "families/page_sections.h"
#include "metrics/input_hash.h"

// Shared by the files about topics.
namespace kafkascope::families {

/// Writes families of all topics.
class TopicSeries {
 public:
  explicit TopicSeries(const PageContext& w)
      : w(w), topics(w.snapshot.metadata ? w.snapshot.metadata->topics : none_), held(w.snapshot.metadata_held()) {}

  /// Writes a family by topic: write(topic index, series). `write` sets the value, or does not begin the series.
  template <class Write>
  void by_topic(const FamilyDescription& head, const Write& write) const {
    w.out.family(head, [&](SampleWriter& s) {
      for (size_t t = 0; t < topics.size(); ++t) write(t, [&]() -> SampleWriter& { return s.with(w.topics[t]); });
    });
  }

  /// Writes a family by partition: write(topic index, partition id, series).
  template <class Write>
  void by_partition(FamilyDescription head, const Write& write) const {
    head.by_partition = true;
    w.out.family(head, [&](SampleWriter& s) {
      for (size_t t = 0; t < topics.size(); ++t)
        for (uint32_t p = 0; p < topics[t].partitions.size(); ++p)
          write(topics[t], p, [&]() -> SampleWriter& { return s.with(w.topics[t]).with("partition", p); });
    });
  }

  /// Writes a family by partition from offsets by partition number, which may be empty.
  void offsets(std::string_view name, std::string_view help, const std::vector<model::Value>& offsets) const {
    const uint64_t input_hash = metrics::InputHash().add(w.topics_hash).add(offsets).value();
    by_partition({.name = name, .help = help, .collector = model::Collector::kOffsets, .input_hash = input_hash},
                 [&](const model::Topic& topic, uint32_t p, const auto& series) {
                   if (offsets.empty()) return;
                   if (const auto& value = offsets[topic.first_partition + p]; value.known()) series().value(value);
                 });
  }

  const PageContext& w;
  const std::vector<model::Topic>& topics;
  const bool held;  ///< Whether the metadata is held.

 private:
  static inline const std::vector<model::Topic> none_;
};

void write_topic_health(const TopicSeries& topics);
void write_topic_changes(const TopicSeries& topics);
void write_topic_settings(const TopicSeries& topics);
void write_topic_sizes(const TopicSeries& topics);
void write_topic_times(const TopicSeries& topics);

}  // namespace kafkascope::families
