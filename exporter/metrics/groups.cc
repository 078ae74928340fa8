#include <algorithm>
#include <string>
#include <vector>

#include "analysis/lag.h"
#include "metrics/subjects.h"

namespace kafkascope::metrics {

using model::Collector;
using model::GroupPartition;
using model::GroupSnapshot;
using model::Snapshot;
using model::Value;

namespace {

/// Labels escaped once, used in every family.
struct Labels {
  explicit Labels(const Snapshot& snapshot) {
    for (const auto& group : snapshot.groups) groups.push_back(label("consumergroup", group.group.id));
    if (!snapshot.metadata) return;
    for (const auto& topic : snapshot.metadata->topics) topics.push_back(label("topic", topic.name));
  }

  std::vector<std::string> groups, topics;  // by index in the snapshot
};

/// For kafka_exporter's sake: -1 for each partition of a topic that the group has committed on, but not there. Nothing
/// where any of the group's offsets on that topic could not be read. `rows`: those of one topic.
template <class Series>
void write_uncommitted(const Snapshot& snapshot, const GroupSnapshot& group, std::span<const GroupPartition> rows,
                       const model::Options& options, const Series& series) {
  if (!std::all_of(rows.begin(), rows.end(), [](auto& row) { return row.committed.known(); })) return;
  const uint32_t topic = rows.front().partition.topic;
  const auto partitions = static_cast<int32_t>(snapshot.metadata->topics[topic].partitions.size());
  const auto& assigned = group.group.assigned;
  auto row = rows.begin();
  for (int32_t p = 0; p < partitions; ++p) {
    if (row != rows.end() && row->partition.partition == p) {
      ++row;
      continue;
    }
    if (!options.show_all_offsets &&
        !std::binary_search(assigned.begin(), assigned.end(), model::PartitionRef{topic, p}))
      continue;
    series(topic, p).value(int64_t{-1}, rows.front().committed.held());
  }
}

}  // namespace

void write_groups(const Snapshot& snapshot, const model::Options& options, Families& out) {
  const Labels labels(snapshot);
  const auto& groups = snapshot.groups;

  /// A family with a series for each group.
  const auto by_group = [&](const Head& head, const auto& write) {
    out.family(head, [&](Samples& s) {
      for (size_t g = 0; g < groups.size(); ++g)
        write(groups[g], [&]() -> Samples& { return s.with(labels.groups[g]); });
    });
  };
  /// A family with a series for each partition that a group has committed on; `of` picks the row's value.
  const auto by_partition = [&](const Head& head, const auto& of) {
    out.family(head, [&](Samples& s) {
      for (size_t g = 0; g < groups.size(); ++g) {
        const auto series = [&](uint32_t topic, int32_t p) -> Samples& {
          return s.with(labels.groups[g]).with(labels.topics[topic]).with("partition", p);
        };
        const auto& rows = groups[g].partitions;
        for (auto from = rows.begin(); from != rows.end();) {
          const auto to =
              std::find_if(from, rows.end(), [&](auto& row) { return row.partition.topic != from->partition.topic; });
          for (auto row = from; row != to; ++row) {
            const Value& value = of(*row);
            if (value.known())
              series(row->partition.topic, row->partition.partition)
                  .value(value.value, value.held(), row->committed.held() ? Collector::kGroupOffsets : head.collector);
          }
          if (options.uncommitted_as_minus_one) write_uncommitted(snapshot, groups[g], {from, to}, options, series);
          from = to;
        }
      }
    });
  };
  const auto by_topic = [&](const Head& head, const auto& of) {
    out.family(head, [&](Samples& s) {
      for (size_t g = 0; g < groups.size(); ++g)
        for (const auto& sums : analysis::sum_by_topic(groups[g].partitions))
          if (const Value& value = of(sums); value.known())
            s.with(labels.groups[g]).with(labels.topics[sums.topic]).value(value);
    });
  };

  by_group({"kafka_consumergroup_info",
            "A consumer group, its kind, its assignor and the broker that coordinates it. Always 1.", Type::kGauge,
            Collector::kGroups},
           [](const GroupSnapshot& group, const auto& series) {
             series()
                 .with(label("type", group.group.type))
                 .with(label("protocol", group.group.protocol))
                 .with("coordinator", group.group.coordinator)
                 .value(int64_t{1}, group.held());
           });
  by_group(
      {"kafka_consumergroup_state", "The group's state, in Kafka's words. Always 1.", Type::kGauge, Collector::kGroups},
      [](const GroupSnapshot& group, const auto& series) {
        if (!group.group.state.empty())
          series().with(label("state", group.group.state)).value(int64_t{1}, group.held());
      });
  by_group({"kafka_consumergroup_members",
            "Number of members of the group. Absent where the broker did not tell and it is no longer held.",
            Type::kGauge, Collector::kGroups},
           [](const GroupSnapshot& group, const auto& series) {
             if (group.group.members >= 0) series().value(int64_t{group.group.members}, group.held());
           });

  by_partition({"kafka_consumergroup_current_offset",
                "The offset that the group has committed on the partition. Absent where it has committed none.",
                Type::kGauge, Collector::kGroupOffsets},
               [](const GroupPartition& row) -> const Value& { return row.committed; });
  by_topic({"kafka_consumergroup_current_offset_sum",
            "Sum of the group's committed offsets on the topic. Absent while one of them is not known.", Type::kGauge,
            Collector::kGroupOffsets},
           [](const analysis::TopicSums& sums) -> const Value& { return sums.committed; });
  by_partition({"kafka_consumergroup_lag",
                "How many offsets the group is behind the end of the partition. Absent where it has committed none or "
                "the end is not known.",
                Type::kGauge, Collector::kOffsets},
               [](const GroupPartition& row) -> const Value& { return row.lag; });
  by_topic({"kafka_consumergroup_lag_sum",
            "Sum of the group's lag over the topic's partitions. Absent while one of them is not known.", Type::kGauge,
            Collector::kOffsets},
           [](const analysis::TopicSums& sums) -> const Value& { return sums.lag; });
  by_group({"kafka_consumergroup_max_lag", "The group's largest lag over all partitions. Absent while none is known.",
            Type::kGauge, Collector::kOffsets},
           [](const GroupSnapshot& group, const auto& series) {
             if (const Value lag = analysis::max_lag(group.partitions); lag.known()) series().value(lag);
           });
}

}  // namespace kafkascope::metrics
