#pragma once

#include <vector>

#include "families/page_sections.h"
#include "metrics/input_hash.h"

// What the files about topics share.
namespace kafkascope::families {

/// The topics of a snapshot and how their series are written.
class TopicSeries {
 public:
  explicit TopicSeries(const PageContext& w)
      : w(w), topics(w.snapshot.metadata ? w.snapshot.metadata->topics : none_), held(w.snapshot.metadata_held()) {}

  /// A family with a series for each topic, whose index `write` gets: it gives the series its value, or does not.
  template <class Write>
  void by_topic(const FamilyDescription& head, const Write& write) const {
    w.out.family(head, [&](SampleWriter& s) {
      for (size_t t = 0; t < topics.size(); ++t) write(t, [&]() -> SampleWriter& { return s.with(w.topics[t]); });
    });
  }

  /// The same for each partition: write(topic, partition's id, series).
  template <class Write>
  void by_partition(FamilyDescription head, const Write& write) const {
    head.by_partition = true;
    w.out.family(head, [&](SampleWriter& s) {
      for (size_t t = 0; t < topics.size(); ++t)
        for (uint32_t p = 0; p < topics[t].partitions.size(); ++p)
          write(topics[t], p, [&]() -> SampleWriter& { return s.with(w.topics[t]).with("partition", p); });
    });
  }

  /// The same of offsets, which lie by partition number; none are known where there are none.
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
  const bool held;  ///< The metadata is.

 private:
  static inline const std::vector<model::Topic> none_;
};

void write_topic_health(const TopicSeries& topics);
void write_topic_changes(const TopicSeries& topics);
void write_topic_settings(const TopicSeries& topics);
void write_topic_sizes(const TopicSeries& topics);

}  // namespace kafkascope::families
