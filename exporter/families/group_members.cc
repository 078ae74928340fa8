#include "families/group_series.h"

namespace kafkascope::families {

using model::Collector;
using model::GroupSnapshot;
using model::Member;

namespace {

/// Returns the labels of a member.
SampleWriter& with_member(SampleWriter& samples, const Member& member) {
  return samples.with(label("client_id", member.client_id))
      .with(label("host", member.host))
      .with(label("consumer_id", member.id));
}

/// Empty unless enabled by the configuration.
void write_member_list(const GroupSeries& groups) {
  const PageContext& w = groups.w;
  groups.by_group({"kafka_consumergroup_member_partitions",
                   "Number of partitions assigned to the member. Absent unless enabled in the configuration, and "
                   "during a rebalance.",
                   Type::kGauge, Collector::kGroups},
                  [&](const GroupSnapshot& group, const auto& series) {
                    if (!w.options.members || !group.group.assignment_known) return;
                    for (const Member& member : group.group.member_list)
                      with_member(series(), member).value(static_cast<int64_t>(member.assigned.size()), group.held());
                  });

  FamilyDescription owner{
      "kafka_consumergroup_partition_owner",
      "The member that the partition is assigned to. Always 1. Absent unless enabled in the configuration.",
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
                   "Number of members of the group. Absent if it could not be read and the last value has expired.",
                   Type::kGauge, Collector::kGroups},
                  [](const GroupSnapshot& group, const auto& series) {
                    if (group.group.members >= 0) series().value(int64_t{group.group.members}, group.held());
                  });
  groups.by_group({"kafka_consumergroup_idle_members",
                   "Number of members without an assigned partition. Absent during a rebalance and for groups that are "
                   "not assigned partitions, such as Connect.",
                   Type::kGauge, Collector::kGroups},
                  [](const GroupSnapshot& group, const auto& series) {
                    if (group.group.idle_members >= 0) series().value(int64_t{group.group.idle_members}, group.held());
                  });
  const auto kip_848 = [&](std::string_view name, std::string_view help, int32_t model::Group::*of) {
    groups.by_group({name, help, Type::kGauge, Collector::kGroups},
                    [of](const GroupSnapshot& group, const auto& series) {
                      if (group.group.*of >= 0) series().value(int64_t{group.group.*of}, group.held());
                    });
  };
  kip_848(
      "kafka_consumergroup_members_behind",
      "Number of members whose epoch is below the group's: they have not taken part in its last rebalance yet. Only "
      "for KIP-848 groups.",
      &model::Group::members_behind);
  kip_848("kafka_consumergroup_unreconciled_partitions",
          "Number of partitions that are not yet assigned as the group's coordinator wants. Only for KIP-848 groups.",
          &model::Group::unreconciled_partitions);
  groups.by_group({"kafka_consumergroup_membership_changes_total",
                   "Changes of the group's members or assignment between polls. At most one per poll; changes that are "
                   "reverted between two polls are not counted.",
                   Type::kCounter, Collector::kGroups},
                  [](const GroupSnapshot& group, const auto& series) {
                    series().value(static_cast<int64_t>(group.membership_changes), group.held());
                  });
  groups.by_topic({"kafka_consumergroup_unassigned_partitions",
                   "Number of partitions, of a topic the group consumes, that are assigned to no member. Absent during "
                   "a rebalance and for groups that are not assigned partitions, such as Connect.",
                   Type::kGauge, Collector::kGroups},
                  [&](const GroupTopicView& part, const auto& series) {
                    if (!part.group.group.assignment_known) return;
                    const auto& partitions = groups.w.snapshot.metadata->topics[part.figures.topic].partitions;
                    series().value(static_cast<int64_t>(partitions.size() - part.assigned.size()), part.group.held());
                  });
  write_member_list(groups);
}

}  // namespace kafkascope::families
