#include "families/topic_series.h"

namespace kafkascope::families {

using model::TopicChanges;

void write_topic_changes(const TopicSeries& topics) {
  const auto& changes = topics.w.snapshot.changes;
  const auto counter = [&](std::string_view name, std::string_view help, uint64_t TopicChanges::*of) {
    topics.by_topic({name, help, Type::kCounter}, [&](size_t t, const auto& series) {
      if (t < changes.size()) series().value(static_cast<int64_t>(changes[t].*of), topics.held);
    });
  };
  counter("kafka_topic_leader_changes_total",
          "Leader changes of the topic's partitions between polls. At most one per partition and poll; changes that "
          "are reverted between two polls are not counted.",
          &TopicChanges::leader_changes);
  counter("kafka_topic_isr_shrinks_total",
          "Removals from the in-sync replicas of the topic's partitions between polls. At most one per partition and "
          "poll; changes that are reverted between two polls are not counted.",
          &TopicChanges::isr_shrinks);
  counter("kafka_topic_isr_expands_total",
          "Additions to the in-sync replicas of the topic's partitions between polls. At most one per partition and "
          "poll; changes that are reverted between two polls are not counted.",
          &TopicChanges::isr_expands);
  counter("kafka_topic_unclean_leader_elections_total",
          "Unclean leader elections of the topic's partitions: the new leader was neither in sync nor eligible, so "
          "records may be lost. Ambiguous cases, such as several elections between two polls, are not counted.",
          &TopicChanges::unclean_elections);
}

}  // namespace kafkascope::families
