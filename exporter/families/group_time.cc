#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string>

#include "families/group_series.h"

namespace kafkascope::families {

using model::Collector;
using model::GroupPartition;
using model::GroupSnapshot;

namespace {

/// Returns the last observed change of a committed offset; kNoTick: none.
model::Tick last_moved(std::span<const GroupPartition> rows) {
  model::Tick last = model::kNoTick;
  for (const GroupPartition& row : rows)
    if (row.committed.known()) last = std::max(last, row.progress.moved);
  return last;
}

/// Returns the first row whose commit or lag is held, or null.
const GroupPartition* held_row(std::span<const GroupPartition> rows) {
  for (const GroupPartition& row : rows)
    if (row.committed.held() || row.lag.held()) return &row;
  return nullptr;
}

}  // namespace

void write_group_time(const GroupSeries& groups) {
  const PageContext& w = groups.w;

  groups.by_partition({"kafka_consumergroup_lag_seconds",
                       "Age of the oldest record that the group has not committed, 0 if it is caught up. Absent if the "
                       "lag or the time of that record is unknown.",
                       Type::kGauge, Collector::kOffsets},
                      [](const GroupPartition& row, const auto& series) {
                        if (row.lag.known() && row.lag_seconds >= 0)
                          series().value(row.lag_seconds, row.lag.held(), lag_held_by(row));
                      });
  groups.by_group({"kafka_consumergroup_max_lag_seconds",
                   "The group's largest lag in seconds over all partitions. Absent if none is known.", Type::kGauge,
                   Collector::kOffsets},
                  [](const GroupSnapshot& group, const auto& series) {
                    if (const auto* row = largest(group.partitions, &GroupPartition::lag_seconds))
                      series().value(row->lag_seconds, row->lag.held(), lag_held_by(*row));
                  });
  groups.by_topic(
      {"kafka_consumergroup_last_progress_timestamp_seconds",
       "Time when a committed offset of the group on the topic last changed. Absent until a change was observed.",
       Type::kGauge, Collector::kGroupOffsets},
      [&](const GroupTopicView& part, const auto& series) {
        const model::Tick moved = last_moved(part.rows);
        if (moved == model::kNoTick) return;
        series().value(w.snapshot.unix_time(model::to_time(moved)),
                       std::any_of(part.rows.begin(), part.rows.end(), [](auto& row) { return row.committed.held(); }));
      });

  std::array<std::string, std::size(model::kStatusNames)> statuses;
  for (size_t i = 0; i < statuses.size(); ++i) statuses[i] = label("status", model::kStatusNames[i]);
  groups.by_topic({"kafka_consumergroup_status",
                   "The group's status on the topic, taken from its worst partition. From worst to best: losing "
                   "(unread records were deleted), ahead (committed beyond the end), stopped (lag, no members, no "
                   "progress), stalled (lag, members, no progress), rewound, lagging, ok. Always 1. Absent if unknown.",
                   Type::kGauge, Collector::kOffsets},
                  [&](const GroupTopicView& part, const auto& series) {
                    const auto& status = part.figures.status;
                    if (!status) return;
                    const GroupPartition* held = held_row(part.rows);
                    series()
                        .with(statuses[static_cast<size_t>(*status)])
                        .value(int64_t{1}, held, held ? lag_held_by(*held) : Collector::kOffsets);
                  });
  groups.by_topic(
      {"kafka_consumergroup_retention_used_ratio",
       "Share of the retention used by the oldest record that the group has not committed, on the worst partition. At "
       "1 the record is deleted. Absent if the topic is compacted or has no limit, and if unknown.",
       Type::kGauge, Collector::kOffsets},
      [](const GroupTopicView& part, const auto& series) {
        if (const auto* row = largest(part.rows, &GroupPartition::retention_used))
          series().value(row->retention_used, row->lag.held(), lag_held_by(*row));
      });
  groups.by_group(
      {"kafka_consumergroup_offset_retention_used_ratio",
       "Time for which the group has been empty, as seen since the exporter's start, divided by "
       "offsets.retention.minutes. At 1 Kafka deletes its committed offsets. 0 with members. Absent without "
       "committed offsets, for simple groups, and if unknown.",
       Type::kGauge, Collector::kTopicConfigs},
      &model::GroupFigures::offset_retention_used, w.snapshot.offsets_retention_ms.held());
}

}  // namespace kafkascope::families
