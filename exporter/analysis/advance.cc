#include "analysis/advance.h"

#include <algorithm>
#include <set>
#include <utility>

#include "analysis/hold.h"
#include "analysis/lag.h"
#include "analysis/renumber.h"

namespace kafkascope::analysis {
namespace {

using model::Facts;
using model::GroupSnapshot;
using model::Metadata;
using model::Snapshot;
using model::Time;
using model::Value;

/// A broker that no metadata has mentioned for so long is forgotten; without metadata, none is.
constexpr std::chrono::hours kForgetBroker{1};

std::map<int32_t, model::BrokerSnapshot> advance_brokers(std::map<int32_t, model::BrokerSnapshot> brokers,
                                                         const Facts& facts) {
  if (facts.metadata_read) {
    for (const auto& broker : facts.metadata->brokers) brokers[broker.id].last_seen = facts.at;
    std::set<int32_t> nodes;
    for (const auto& topic : facts.metadata->topics) nodes.insert(topic.nodes.begin(), topic.nodes.end());
    for (const int32_t id : nodes) brokers[id].last_seen = facts.at;
    std::erase_if(brokers, [&](const auto& entry) { return facts.at - entry.second.last_seen > kForgetBroker; });
  }
  for (auto& [id, broker] : brokers) broker.up = std::binary_search(facts.answered.begin(), facts.answered.end(), id);
  return brokers;
}

/// `read` by partition number, as in Facts; empty: nothing was asked.
std::vector<Value> advance_offsets(const std::vector<Value>& before, const Renumbering& renumbering,
                                   const std::vector<int64_t>& read, uint32_t partitions, const Holding& holding) {
  std::vector<Value> now(partitions);
  for (uint32_t p = 0; p < partitions; ++p) {
    const uint32_t old = renumbering.old_partition(p);
    const Value last = old < before.size() ? before[old] : Value{};
    const int64_t offset = read.empty() ? model::kUnreadOffset : read[p];
    if (offset >= 0)
      now[p] = {offset, {}};
    else if (offset == model::kUnaskedOffset)
      now[p] = last;
    else
      now[p] = holding.hold(last);
  }
  return now;
}

/// The group before, numbered as topics are now; what lay on topics that are gone is gone.
GroupSnapshot renumbered(const GroupSnapshot& before, const Renumbering& renumbering) {
  GroupSnapshot now = before;
  now.group.assigned.clear();
  now.partitions.clear();
  for (auto ref : before.group.assigned)
    if (renumbering.renumber(ref)) now.group.assigned.push_back(ref);
  for (auto row : before.partitions)
    if (renumbering.renumber(row.partition)) now.partitions.push_back(row);
  return now;
}

/// A group that nobody could tell of: all of it is held, and gone when nothing of it is any more (an empty id). Its
/// members may have failed before its offsets did.
GroupSnapshot hold_group(GroupSnapshot group, const Holding& holding) {
  const bool described = holding.extend(group.failing_since);
  bool anything = described;
  for (auto& row : group.partitions) {
    row.committed = holding.hold(row.committed);
    row.lag = holding.hold(row.lag);
    anything |= row.committed.known();
  }
  if (!anything) return {};
  if (!described) {
    group.group.members = -1;
    group.group.assigned.clear();
  }
  return group;
}

GroupSnapshot advance_group(model::GroupFacts&& facts, const GroupSnapshot* before, const Snapshot& now,
                            const Holding& holding, const model::Options& options) {
  GroupSnapshot group;
  group.group = std::move(facts.group);
  // Listed, but its members could not be asked for: they are held, and say since when.
  if (before && group.group.members < 0 && before->group.members >= 0) {
    group.failing_since = before->failing_since;
    if (holding.extend(group.failing_since)) {
      group.group.members = before->group.members;
      if (group.group.state.empty()) group.group.state = before->group.state;
      group.group.protocol = before->group.protocol;
      group.group.assigned = before->group.assigned;
    } else {
      group.failing_since = {};
    }
  }
  group.partitions = lag_rows(
      facts,
      before ? std::span<const model::GroupPartition>(before->partitions) : std::span<const model::GroupPartition>(),
      *now.metadata, now.latest, holding);
  if (!options.show_all_offsets) {
    const auto& assigned = group.group.assigned;
    std::erase_if(group.partitions, [&](const model::GroupPartition& row) {
      return !std::binary_search(assigned.begin(), assigned.end(), row.partition);
    });
  }
  return group;
}

std::vector<GroupSnapshot> advance_groups(const Snapshot& before, const Snapshot& now, Facts& facts,
                                          const Renumbering& renumbering, const Holding& holding,
                                          const model::Options& options) {
  std::vector<GroupSnapshot> groups;
  groups.reserve(facts.groups.size());
  auto read = facts.groups.begin();
  for (const GroupSnapshot& last : before.groups) {
    for (; read != facts.groups.end() && read->group.id < last.group.id; ++read)
      groups.push_back(advance_group(std::move(*read), nullptr, now, holding, options));
    const bool listed = read != facts.groups.end() && read->group.id == last.group.id;
    const bool unread = std::binary_search(facts.unread_groups.begin(), facts.unread_groups.end(), last.group.id);
    if (!listed && !unread) continue;  // deleted
    GroupSnapshot moved;
    if (!renumbering.same()) moved = renumbered(last, renumbering);
    const GroupSnapshot& same = renumbering.same() ? last : moved;
    if (listed) {
      groups.push_back(advance_group(std::move(*read++), &same, now, holding, options));
    } else if (GroupSnapshot held = hold_group(same, holding); !held.group.id.empty()) {
      groups.push_back(std::move(held));
    }
  }
  for (; read != facts.groups.end(); ++read)
    groups.push_back(advance_group(std::move(*read), nullptr, now, holding, options));
  return groups;
}

}  // namespace

Snapshot advance(const Snapshot& before, Facts&& facts, const model::Options& options) {
  const Holding holding{facts.at, options.hold};
  Snapshot now;
  now.at = facts.at;
  now.up = facts.metadata_read;
  now.brokers = advance_brokers(before.brokers, facts);
  now.statistics = std::move(facts.statistics);
  now.requests = before.requests;
  for (const auto& [api, count] : facts.requests) now.requests[std::string(api)] += count;

  now.metadata = facts.metadata;
  if (!facts.metadata_read) {
    now.metadata_failing_since = before.metadata_failing_since;
    if (!now.metadata || !before.metadata || !holding.extend(now.metadata_failing_since)) {
      now.metadata = nullptr;  // and with it all that is numbered by it
      return now;
    }
  }
  const Renumbering renumbering(before.metadata.get(), *now.metadata);
  const uint32_t partitions = now.metadata->partition_count;
  now.latest = advance_offsets(before.latest, renumbering, facts.latest, partitions, holding);
  now.earliest = advance_offsets(before.earliest, renumbering, facts.earliest, partitions, holding);
  now.groups = advance_groups(before, now, facts, renumbering, holding, options);
  return now;
}

}  // namespace kafkascope::analysis
