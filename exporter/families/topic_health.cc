#include <array>
#include <string>

#include "families/topic_series.h"

namespace kafkascope::families {

using model::Collector;
using model::Problem;

namespace {

/// Returns the collector whose failure makes a problem a held value, if the metadata is not held.
Collector judged_by(Problem problem) {
  switch (problem) {
    case Problem::kUnderMinIsr:
    case Problem::kAtMinIsr:
      return Collector::kTopicConfigs;
    case Problem::kReassigning:
      return Collector::kReassignments;
    default:
      return Collector::kMetadata;
  }
}

}  // namespace

void write_topic_health(const TopicSeries& topics) {
  const PageContext& w = topics.w;
  const model::Health& health = w.figures.health;
  const auto collector = [&](Problem problem) { return topics.held ? Collector::kMetadata : judged_by(problem); };

  const auto count = [&](std::string_view name, std::string_view help, Problem problem) {
    topics.by_topic({name, help}, [&](size_t t, const auto& series) {
      if (const auto& count = health.topics[t][problem]; count.known())
        series().value(count.value, count.held(), collector(problem));
    });
  };
  count("kafka_topic_offline_partitions", "Number of the topic's partitions without a leader.", Problem::kOffline);
  count("kafka_topic_under_replicated_partitions",
        "Number of the topic's partitions with an out-of-sync replica. Offline partitions are not counted.",
        Problem::kUnderReplicated);
  count("kafka_topic_under_min_isr_partitions",
        "Number of the topic's partitions with fewer in-sync replicas than both min.insync.replicas and the number of "
        "replicas. Offline partitions are not counted. Absent if the topic's configuration is unknown.",
        Problem::kUnderMinIsr);
  count("kafka_topic_at_min_isr_partitions",
        "Number of the topic's partitions with an out-of-sync replica that fall below min.insync.replicas if one more "
        "replica fails. Offline partitions are not counted. Absent if the topic's configuration is unknown.",
        Problem::kAtMinIsr);
  count("kafka_topic_not_preferred_leader_partitions",
        "Number of the topic's partitions whose leader is not the first replica. Offline partitions are not counted.",
        Problem::kNotPreferredLeader);
  count("kafka_topic_reassigning_partitions",
        "Number of the topic's partitions that are being reassigned. Absent if the controller does not report "
        "reassignments.",
        Problem::kReassigning);

  FamilyDescription head{
      "kafka_topic_partition_problem",
      "A current problem of the partition: offline (excludes all others), under_min_isr, at_min_isr, under_replicated, "
      "not_preferred_leader or reassigning. Always 1. Absent if there is no problem."};
  head.by_partition = true;
  w.out.family(head, [&](SampleWriter& s) {
    std::array<std::string, model::kProblemNames.size()> labels;
    for (size_t i = 0; i < labels.size(); ++i) labels[i] = label("problem", model::kProblemNames[i]);
    for (const auto& [partition, problem] : health.problems) {
      const auto& count = health.topics[partition.topic][problem];
      s.with(w.topics[partition.topic])
          .with("partition", partition.partition)
          .with(labels[static_cast<size_t>(problem)])
          .value(int64_t{1}, count.held(), collector(problem));
    }
  });
}

}  // namespace kafkascope::families
