#include <algorithm>

#include "families/group_series.h"

namespace kafkascope::families {

using model::Collector;
using model::GroupPartition;
using model::PartitionRef;
using model::Value;

namespace {

/// Writes -1 for partitions without a commit of a topic with commits, as kafka_exporter does. Writes nothing for a
/// topic if one of the group's offsets on it could not be read.
template <class Series>
void write_uncommitted(const PageContext& w, const GroupTopicView& part, const Series& series) {
  if (part.rows.empty()) return;
  if (!std::all_of(part.rows.begin(), part.rows.end(), [](auto& row) { return row.committed.known(); })) return;
  const auto partitions = static_cast<int32_t>(w.snapshot.metadata->topics[part.figures.topic].partitions.size());
  auto row = part.rows.begin();
  for (int32_t p = 0; p < partitions; ++p) {
    if (row != part.rows.end() && row->partition.partition == p) {
      ++row;
      continue;
    }
    if (!w.options.show_all_offsets &&
        !std::binary_search(part.assigned.begin(), part.assigned.end(), PartitionRef{part.figures.topic, p}))
      continue;
    series(p).value(int64_t{-1}, part.rows.front().committed.held());
  }
}

}  // namespace

void write_group_lag(const GroupSeries& groups) {
  const PageContext& w = groups.w;

  /// Writes a family with a series for each partition with a committed offset, and for those without one if enabled.
  /// `of` returns the value of a row.
  const auto by_partition = [&](const FamilyDescription& head, const auto& of) {
    groups.by_partitions_of_topic(head, [&](const GroupTopicView& part, const auto& series) {
      for (const GroupPartition& row : part.rows) {
        const Value& value = of(row);
        if (value.known())
          series(row.partition.partition)
              .value(value.value, value.held(), row.committed.held() ? Collector::kGroupOffsets : head.collector);
      }
      if (w.options.uncommitted_as_minus_one) write_uncommitted(w, part, series);
    });
  };
  const auto by_topic = [&](const FamilyDescription& head, Value model::GroupTopic::*of) {
    groups.by_topic(head, [&](const GroupTopicView& part, const auto& series) {
      if (const Value& value = part.figures.*of; value.known()) series().value(value);
    });
  };

  by_partition({"kafka_consumergroup_current_offset",
                "The group's committed offset on the partition. Absent if the group has not committed.", Type::kGauge,
                Collector::kGroupOffsets},
               [](const GroupPartition& row) -> const Value& { return row.committed; });
  by_topic({"kafka_consumergroup_current_offset_sum",
            "Sum of the group's committed offsets on the topic. Absent if any of them is unknown.", Type::kGauge,
            Collector::kGroupOffsets},
           &model::GroupTopic::committed);
  by_topic({"kafka_consumergroup_uncommitted_partitions",
            "Number of partitions, of a topic the group consumes, without a committed offset. Absent if any committed "
            "offset is unknown.",
            Type::kGauge, Collector::kGroupOffsets},
           &model::GroupTopic::uncommitted);
  by_partition(
      {"kafka_consumergroup_lag",
       "Number of offsets between the group's committed offset and the log end offset. Absent if either is unknown.",
       Type::kGauge, Collector::kOffsets},
      [](const GroupPartition& row) -> const Value& { return row.lag; });
  by_topic({"kafka_consumergroup_lag_sum",
            "Sum of the group's lag over the topic's partitions. Absent if the lag of any of them is unknown.",
            Type::kGauge, Collector::kOffsets},
           &model::GroupTopic::lag);
  groups.by_group(
      {"kafka_consumergroup_max_lag", "The group's largest lag over all partitions. Absent if no lag is known.",
       Type::kGauge, Collector::kOffsets},
      &model::GroupFigures::max_lag);
  by_topic({"kafka_consumergroup_read_committed_lag",
            "Sum over the topic's partitions of the offsets between the group's committed offset and the last stable "
            "offset. Absent unless enabled in the configuration, and if any of them is unknown.",
            Type::kGauge, Collector::kOffsets},
           &model::GroupTopic::stable_lag);
  groups.by_partition({"kafka_consumergroup_messages_lost",
                       "Number of offsets deleted before the group consumed them. Absent if there are none.",
                       Type::kGauge, Collector::kGroupOffsets},
                      [](const GroupPartition& row, const auto& series) {
                        if (row.committed.known() && row.lost > 0) series().value(row.lost, row.committed.held());
                      });
  groups.by_partition({"kafka_consumergroup_offset_ahead",
                       "Number of offsets by which the group's committed offset was beyond the log end offset in two "
                       "polls in a row: the topic was recreated, restored or truncated. Absent otherwise.",
                       Type::kGauge, Collector::kOffsets},
                      [](const GroupPartition& row, const auto& series) {
                        if (row.ahead > 0) series().value(row.ahead);
                      });
}

}  // namespace kafkascope::families
