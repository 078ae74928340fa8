#include <algorithm>

#include "analysis/health.h"
#include "analysis/lag.h"
#include "families/group_series.h"

namespace kafkascope::families {

using model::Collector;
using model::GroupPartition;
using model::GroupSnapshot;
using model::PartitionRef;
using model::Value;

namespace {

/// For kafka_exporter's sake: -1 for each partition of a topic that the group has committed on, but not there. Nothing
/// where any of the group's offsets on that topic could not be read.
template <class Series>
void write_uncommitted(const PageContext& w, const GroupTopic& part, const Series& series) {
  if (part.rows.empty()) return;
  if (!std::all_of(part.rows.begin(), part.rows.end(), [](auto& row) { return row.committed.known(); })) return;
  const auto partitions = static_cast<int32_t>(w.snapshot.metadata->topics[part.topic].partitions.size());
  auto row = part.rows.begin();
  for (int32_t p = 0; p < partitions; ++p) {
    if (row != part.rows.end() && row->partition.partition == p) {
      ++row;
      continue;
    }
    if (!w.options.show_all_offsets &&
        !std::binary_search(part.assigned.begin(), part.assigned.end(), PartitionRef{part.topic, p}))
      continue;
    series(p).value(int64_t{-1}, part.rows.front().committed.held());
  }
}

Value sum(const GroupTopic& part, Value analysis::TopicSums::*of) {
  return part.rows.empty() ? Value{} : analysis::sum_of_topic(part.rows).*of;
}

/// How many partitions the group has not committed on; not known while one of its commits is not.
Value uncommitted(const PageContext& w, const GroupTopic& part) {
  const size_t shown =
      w.options.show_all_offsets ? w.snapshot.metadata->topics[part.topic].partitions.size() : part.assigned.size();
  if (!part.group.offsets_known || shown < part.rows.size()) return {};
  Value count{static_cast<int64_t>(shown - part.rows.size()), part.group.failing_since};
  for (const GroupPartition& row : part.rows) {
    if (!row.committed.known()) return {};
    count.failing_since = analysis::held_since(count.failing_since, row.committed.failing_since);
  }
  return count;
}

}  // namespace

void write_group_lag(const GroupSeries& groups) {
  const PageContext& w = groups.w;

  /// A family with a series for each partition that a group has committed on, and of those that it has not where they
  /// are wanted; `of` picks the row's value.
  const auto by_partition = [&](const FamilyDescription& head, const auto& of) {
    groups.by_partitions_of_topic(head, [&](const GroupTopic& part, const auto& series) {
      for (const GroupPartition& row : part.rows) {
        const Value& value = of(row);
        if (value.known())
          series(row.partition.partition)
              .value(value.value, value.held(), row.committed.held() ? Collector::kGroupOffsets : head.collector);
      }
      if (w.options.uncommitted_as_minus_one) write_uncommitted(w, part, series);
    });
  };
  const auto by_topic = [&](const FamilyDescription& head, const auto& of) {
    groups.by_topic(head, [&](const GroupTopic& part, const auto& series) {
      if (const Value value = of(part); value.known()) series().value(value);
    });
  };

  by_partition({"kafka_consumergroup_current_offset",
                "The offset that the group has committed on the partition. Absent where it has committed none.",
                Type::kGauge, Collector::kGroupOffsets},
               [](const GroupPartition& row) -> const Value& { return row.committed; });
  by_topic({"kafka_consumergroup_current_offset_sum",
            "Sum of the group's committed offsets on the topic. Absent while one of them is not known.", Type::kGauge,
            Collector::kGroupOffsets},
           [](const GroupTopic& part) { return sum(part, &analysis::TopicSums::committed); });
  by_topic({"kafka_consumergroup_uncommitted_partitions",
            "Number of partitions of a topic that the group reads on which it has committed no offset. Absent while "
            "its commits are not known.",
            Type::kGauge, Collector::kGroupOffsets},
           [&](const GroupTopic& part) { return uncommitted(w, part); });
  by_partition({"kafka_consumergroup_lag",
                "How many offsets the group is behind the end of the partition. Absent where it has committed none or "
                "the end is not known.",
                Type::kGauge, Collector::kOffsets},
               [](const GroupPartition& row) -> const Value& { return row.lag; });
  by_topic({"kafka_consumergroup_lag_sum",
            "Sum of the group's lag over the topic's partitions. Absent while one of them is not known.", Type::kGauge,
            Collector::kOffsets},
           [](const GroupTopic& part) { return sum(part, &analysis::TopicSums::lag); });
  groups.by_group(
      {"kafka_consumergroup_max_lag", "The group's largest lag over all partitions. Absent while none is known.",
       Type::kGauge, Collector::kOffsets},
      [](const GroupSnapshot& group, const auto& series) {
        if (const Value lag = analysis::max_lag(group.partitions); lag.known()) series().value(lag);
      });
  by_topic({"kafka_consumergroup_read_committed_lag",
            "How many offsets the group is behind what consumers of committed transactions can see, over the topic's "
            "partitions. Absent unless the configuration asks for it, and while one of them is not known.",
            Type::kGauge, Collector::kOffsets},
           [](const GroupTopic& part) { return sum(part, &analysis::TopicSums::stable_lag); });
  groups.by_partition({"kafka_consumergroup_messages_lost",
                       "Offsets that were deleted before the group had consumed them. Absent where there are none.",
                       Type::kGauge, Collector::kGroupOffsets},
                      [](const GroupPartition& row, const auto& series) {
                        if (row.committed.known() && row.lost > 0) series().value(row.lost, row.committed.held());
                      });
}

}  // namespace kafkascope::families
