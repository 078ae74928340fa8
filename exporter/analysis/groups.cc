#include "analysis/groups.h"

#include <algorithm>
#include <utility>

#include "analysis/lag.h"
#include "analysis/time_lag.h"

namespace kafkascope::analysis {
namespace {

using model::GroupSnapshot;
using model::PollResult;
using model::ShareGroupSnapshot;
using model::Snapshot;
using model::Time;

/// Returns a group with the current topic indices and without deleted topics.
GroupSnapshot mapped(const GroupSnapshot& before, const PartitionMapping& mapping) {
  GroupSnapshot now = before;
  now.partitions.clear();
  const auto map_partition = [&](std::vector<model::PartitionRef>& refs) {
    std::erase_if(refs, [&](model::PartitionRef& ref) { return !mapping.map_partition(ref); });
  };
  map_partition(now.group.assigned);
  for (auto& member : now.group.member_list) map_partition(member.assigned);
  for (auto row : before.partitions)
    if (mapping.map_partition(row.partition)) now.partitions.push_back(row);
  return now;
}

/// Sets members and everything derived from them to unknown. Keeps the membership hash to detect later changes.
void forget_members(model::Group& group) {
  group.members = group.idle_members = -1;
  group.assignment_known = false;
  group.assigned.clear();
  group.member_list.clear();
  group.state.clear();
}

/// Returns a group whose existence could not be checked: all values are held, and the group is no longer shown when
/// none is left. Its members may have failed before its offsets.
GroupSnapshot hold_group(GroupSnapshot group, const Holding& holding) {
  if (!group.shown) return group;
  const bool described = holding.extend(group.failing_since);
  group.shown = described;
  for (auto& row : group.partitions) {
    row.committed = holding.hold(row.committed);
    row.lag = holding.hold(row.lag);
    row.stable_lag = holding.hold(row.stable_lag);
    group.shown |= row.committed.known();
  }
  if (!described) forget_members(group.group);
  return group;
}

/// Holds the members of a listed group that could not be described.
void hold_members(GroupSnapshot& group, const GroupSnapshot& before, const Holding& holding) {
  group.failing_since = before.failing_since;
  if (!holding.extend(group.failing_since)) {
    group.failing_since = {};
    return;
  }
  const std::string state = group.group.state.empty() ? before.group.state : group.group.state;
  const std::string type = group.group.type;
  const int32_t coordinator = group.group.coordinator;
  group.group = before.group;
  group.group.state = state;
  group.group.type = type;
  group.group.coordinator = coordinator;
}

GroupSnapshot next_group(model::GroupResult&& result, const GroupSnapshot* before, const Snapshot& now,
                         const Holding& holding, const model::Options& options) {
  GroupSnapshot group;
  group.group = std::move(result.group);
  if (before) {
    if (group.group.members < 0 && before->group.members >= 0) hold_members(group, *before, holding);
    const uint64_t last = before->group.membership;
    group.membership_changes = before->membership_changes;
    if (group.group.membership == 0)
      group.group.membership = last;
    else if (last != 0 && last != group.group.membership)
      ++group.membership_changes;
    group.empty_since = before->empty_since;
    group.last_state = before->last_state;
    group.state_since = before->state_since;
  }
  if (const auto& state = group.group.state; !state.empty() && state != group.last_state) {
    group.last_state = state;
    group.state_since = now.at;
  }
  if (group.group.members > 0) group.empty_since = {};
  if (group.group.members == 0 && group.empty_since == Time{}) group.empty_since = now.at;

  const auto rows =
      before ? std::span<const model::GroupPartition>(before->partitions) : std::span<const model::GroupPartition>();
  if (result.left_out) {
    group.shown = false;
    group.partitions.assign(rows.begin(), rows.end());
    for (auto& row : group.partitions)
      row.committed = row.lag = row.stable_lag = {};  // not requested: only progress is kept
    return group;
  }
  group.offsets_known = result.offsets_read || (before && before->offsets_known);
  group.partitions = lag_rows(result, rows, *now.numbering, now.latest, holding);
  compute_time_lag(group.partitions, rows, now, holding, options);
  if (!options.show_all_offsets) {
    const auto& assigned = group.group.assigned;
    std::erase_if(group.partitions, [&](const model::GroupPartition& row) {
      return !std::binary_search(assigned.begin(), assigned.end(), row.partition);
    });
  }
  return group;
}

}  // namespace

std::vector<GroupSnapshot> next_groups(const Snapshot& before, const Snapshot& now, PollResult& result,
                                       const PartitionMapping& mapping, const Holding& holding,
                                       const model::Options& options) {
  std::vector<GroupSnapshot> groups;
  groups.reserve(result.groups.size());
  auto read = result.groups.begin();
  for (const GroupSnapshot& last : before.groups) {
    for (; read != result.groups.end() && read->group.id < last.group.id; ++read)
      groups.push_back(next_group(std::move(*read), nullptr, now, holding, options));
    const bool listed = read != result.groups.end() && read->group.id == last.group.id;
    const bool unread = std::binary_search(result.failed_groups.begin(), result.failed_groups.end(), last.group.id);
    if (!listed && !unread) continue;  // deleted
    GroupSnapshot moved;
    if (!mapping.same()) moved = mapped(last, mapping);
    const GroupSnapshot& same = mapping.same() ? last : moved;
    if (listed) {
      groups.push_back(next_group(std::move(*read++), &same, now, holding, options));
    } else {
      groups.push_back(hold_group(same, holding));
    }
  }
  for (; read != result.groups.end(); ++read)
    groups.push_back(next_group(std::move(*read), nullptr, now, holding, options));
  return groups;
}

namespace {

void hold_share_group(ShareGroupSnapshot& group, const Holding& holding) {
  if (!holding.extend(group.failing_since)) group.group.members = -1;
  for (auto& row : group.rows) {
    row.start_offset = holding.hold(row.start_offset);
    row.lag = holding.hold(row.lag);
  }
}

ShareGroupSnapshot next_share_group(model::ShareGroupResult&& result, const ShareGroupSnapshot* before,
                                    const Holding& holding) {
  ShareGroupSnapshot group;
  group.group = std::move(result.group);
  if (before && group.group.members < 0 && before->group.members >= 0) {
    group.failing_since = before->failing_since;
    if (holding.extend(group.failing_since))
      group.group.members = before->group.members;
    else
      group.failing_since = {};
  }
  if (!result.offsets_read) {
    if (before) group.rows = before->rows;
    for (auto& row : group.rows) {
      row.start_offset = holding.hold(row.start_offset);
      row.lag = holding.hold(row.lag);
    }
    return group;
  }
  for (const auto& row : result.rows) group.rows.push_back({row.partition, {row.start_offset, {}}, {row.lag, {}}});
  return group;
}

}  // namespace

std::vector<ShareGroupSnapshot> next_share_groups(const Snapshot& before, PollResult& result,
                                                  const PartitionMapping& mapping, const Holding& holding) {
  std::vector<ShareGroupSnapshot> groups;
  std::vector<ShareGroupSnapshot> last = before.share_groups;
  for (auto& group : last) std::erase_if(group.rows, [&](auto& row) { return !mapping.map_partition(row.partition); });
  const auto find = [](auto& list, const std::string& id) {
    const auto it = std::lower_bound(list.begin(), list.end(), id, [](const auto& group, const std::string& wanted) {
      return group.group.id < wanted;
    });
    return it != list.end() && it->group.id == id ? &*it : nullptr;
  };
  for (auto& group : last) {
    const bool unread =
        std::binary_search(result.failed_share_groups.begin(), result.failed_share_groups.end(), group.group.id);
    if (!unread || find(result.share_groups, group.group.id)) continue;
    ShareGroupSnapshot held = group;
    hold_share_group(held, holding);
    const bool known = held.group.members >= 0 || std::any_of(held.rows.begin(), held.rows.end(),
                                                              [](auto& row) { return row.start_offset.known(); });
    if (known) groups.push_back(std::move(held));
  }
  for (auto& group : result.share_groups) {
    const auto* same = find(last, group.group.id);
    groups.push_back(next_share_group(std::move(group), same, holding));
  }
  std::sort(groups.begin(), groups.end(), [](auto& a, auto& b) { return a.group.id < b.group.id; });
  return groups;
}

}  // namespace kafkascope::analysis
