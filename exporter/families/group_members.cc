#include "families/group_series.h"

namespace kafkascope::families {

using model::Collector;
using model::GroupSnapshot;
using model::Member;

namespace {

/// The labels that name a member.
SampleWriter& with_member(SampleWriter& samples, const Member& member) {
  return samples.with(label("client_id", member.client_id))
      .with(label("host", member.host))
      .with(label("consumer_id", member.id));
}

/// Only where the configuration wants them.
void write_member_list(const GroupSeries& groups) {
  const PageContext& w = groups.w;
  groups.by_group({"kafka_consumergroup_member_partitions",
                   "Number of partitions that the member is assigned. Absent unless the configuration asks for it, and "
                   "while the group rebalances.",
                   Type::kGauge, Collector::kGroups},
                  [&](const GroupSnapshot& group, const auto& series) {
                    if (!w.options.members || !group.group.assignment_known) return;
                    for (const Member& member : group.group.member_list)
                      with_member(series(), member).value(static_cast<int64_t>(member.assigned.size()), group.held());
                  });

  FamilyDescription owner{
      "kafka_consumergroup_partition_owner",
      "The member that the partition is assigned to. Always 1. Absent unless the configuration asks for it.",
      Type::kGauge, Collector::kGroups};
  owner.by_partition = true;
  groups.by_group(owner, [&](const GroupSnapshot& group, const auto& series) {
    if (!w.options.owners) return;
    for (const Member& member : group.group.member_list)
      for (const auto& [topic, partition] : member.assigned)
        with_member(series().with(w.topics[topic]).with("partition", partition), member)
            .value(int64_t{1}, group.held());
  });
}

}  // namespace

void write_group_members(const GroupSeries& groups) {
  groups.by_group({"kafka_consumergroup_members",
                   "Number of members of the group. Absent where the broker did not tell and it is no longer held.",
                   Type::kGauge, Collector::kGroups},
                  [](const GroupSnapshot& group, const auto& series) {
                    if (group.group.members >= 0) series().value(int64_t{group.group.members}, group.held());
                  });
  groups.by_group({"kafka_consumergroup_idle_members",
                   "Number of members without a partition. Absent while the group rebalances, and for groups that are "
                   "not assigned any, as of Connect.",
                   Type::kGauge, Collector::kGroups},
                  [](const GroupSnapshot& group, const auto& series) {
                    if (group.group.idle_members >= 0) series().value(int64_t{group.group.idle_members}, group.held());
                  });
  groups.by_group({"kafka_consumergroup_membership_changes_total",
                   "Rebalances of the group: polls in which its members or what they own had changed. What happens and "
                   "ends between two polls is not seen.",
                   Type::kCounter, Collector::kGroups},
                  [](const GroupSnapshot& group, const auto& series) {
                    series().value(static_cast<int64_t>(group.membership_changes), group.held());
                  });
  groups.by_topic({"kafka_consumergroup_unassigned_partitions",
                   "Number of partitions of a topic that the group reads which no member owns. Absent while the group "
                   "rebalances, and for groups that are not assigned any, as of Connect.",
                   Type::kGauge, Collector::kGroups},
                  [&](const GroupTopicView& part, const auto& series) {
                    if (!part.group.group.assignment_known) return;
                    const auto& partitions = groups.w.snapshot.metadata->topics[part.figures.topic].partitions;
                    series().value(static_cast<int64_t>(partitions.size() - part.assigned.size()), part.group.held());
                  });
  write_member_list(groups);
}

}  // namespace kafkascope::families
