#include "families/group_series.h"

namespace kafkascope::families {

using model::Collector;
using model::GroupSnapshot;

void write_groups(const PageContext& w) {
  const GroupSeries groups(w);

  groups.by_group({"kafka_consumergroup_info", "A consumer group with its type, assignor and coordinator. Always 1.",
                   Type::kGauge, Collector::kGroups},
                  [](const GroupSnapshot& group, const auto& series) {
                    series()
                        .with(label("type", group.group.type))
                        .with(label("protocol", group.group.protocol))
                        .with("coordinator", group.group.coordinator)
                        .value(int64_t{1}, group.held());
                  });
  groups.by_group({"kafka_consumergroup_state", "The group's state as reported by Kafka. Always 1.", Type::kGauge,
                   Collector::kGroups},
                  [](const GroupSnapshot& group, const auto& series) {
                    if (!group.group.state.empty())
                      series().with(label("state", group.group.state)).value(int64_t{1}, group.held());
                  });
  groups.by_group({"kafka_consumergroup_state_since_timestamp_seconds",
                   "When the group was first seen in its state. For states that are older than the exporter, the "
                   "exporter's start.",
                   Type::kGauge, Collector::kGroups},
                  [&](const GroupSnapshot& group, const auto& series) {
                    if (!group.group.state.empty() && group.state_since != model::Time{})
                      series().value(w.snapshot.unix_time(group.state_since), group.held());
                  });
  groups.configured_labels({"kafka_consumergroup_labels",
                            "Labels given to the group in the configuration, to join with other series. Always 1. "
                            "Absent if no expression matches the group.",
                            Type::kGauge, Collector::kGroups});
  write_group_members(groups);
  write_group_lag(groups);
  write_group_time(groups);
}

}  // namespace kafkascope::families
