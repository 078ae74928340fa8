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
          "Polls in which a partition of the topic had another leader than it last had, each partition counted. What "
          "happens and ends between two polls is not seen.",
          &TopicChanges::leader_changes);
  counter("kafka_topic_isr_shrinks_total",
          "Polls in which a partition of the topic had lost in-sync replicas, each partition counted. What happens and "
          "ends between two polls is not seen.",
          &TopicChanges::isr_shrinks);
  counter("kafka_topic_isr_expands_total",
          "Polls in which a partition of the topic had won in-sync replicas, each partition counted. What happens and "
          "ends between two polls is not seen.",
          &TopicChanges::isr_expands);
  counter(
      "kafka_topic_unclean_leader_elections_total",
      "Partitions of the topic that got a leader which was neither in sync nor eligible before, so that records may "
      "be lost. What cannot be decided, as after several elections between two polls, is not counted.",
      &TopicChanges::unclean_elections);
}

}  // namespace kafkascope::families
