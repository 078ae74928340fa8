#include "analysis/changes.h"

#include <algorithm>

namespace kafkascope::analysis {
namespace {

using model::kNoBroker;
using model::Partition;
using model::Snapshot;
using model::Topic;

bool contains(std::span<const int32_t> ids, int32_t id) { return std::find(ids.begin(), ids.end(), id) != ids.end(); }

bool has_others(std::span<const int32_t> ids, std::span<const int32_t> than) {
  return std::any_of(ids.begin(), ids.end(), [&](int32_t id) { return !contains(than, id); });
}

/// Returns whether the new leader may lack records: it was neither in sync nor eligible in the last poll. Only certain
/// if nothing else changed in between. If a replica that was in sync still is, the new leader probably joined the ISR
/// before it was elected, as after a broker restart.
bool is_unclean(const Snapshot& before, const Topic& old_topic, uint32_t topic, uint32_t p, const Partition& now,
                std::span<const int32_t> in_sync) {
  const Partition& old = old_topic.partitions[p];
  if (now.leader == kNoBroker || now.leader == old.leader) return false;
  if (old.leader_epoch < 0 || now.leader_epoch != old.leader_epoch + 1)
    return false;  // -1: not reported by old brokers
  const auto was_in_sync = old_topic.in_sync(old);
  if (contains(was_in_sync, now.leader)) return false;
  if (std::any_of(in_sync.begin(), in_sync.end(), [&](int32_t id) { return contains(was_in_sync, id); })) return false;
  if (std::binary_search(before.eligible_unknown.begin(), before.eligible_unknown.end(), topic)) return false;
  const auto eligible = before.eligible.find(old_topic.first_partition + p);
  return eligible == before.eligible.end() || !contains(eligible->second, now.leader);
}

}  // namespace

void count_changes(Snapshot& before, const PartitionMapping& mapping, Snapshot& now) {
  const auto& topics = now.numbering->topics;
  now.changes = mapping.topics(std::move(before.changes), topics.size());
  if (!mapping.same() || before.last_leaders.empty()) {
    std::vector<int32_t> leaders(now.numbering->partition_count, kNoBroker);
    for (uint32_t p = 0; p < leaders.size(); ++p)
      if (const uint32_t old = mapping.old_partition(p); old < before.last_leaders.size())
        leaders[p] = before.last_leaders[old];
    now.last_leaders = std::move(leaders);
  } else {
    now.last_leaders = std::move(before.last_leaders);
  }
  for (uint32_t t = 0; t < topics.size(); ++t) {
    const Topic& topic = topics[t];
    const uint32_t old_index = before.numbering ? mapping.old_topic(t) : model::kNoTopic;
    const Topic* old_topic = old_index == model::kNoTopic ? nullptr : &before.numbering->topics[old_index];
    auto& changes = now.changes[t];
    for (uint32_t p = 0; p < topic.partitions.size(); ++p) {
      const Partition& partition = topic.partitions[p];
      int32_t& last_leader = now.last_leaders[topic.first_partition + p];
      if (old_topic && p < old_topic->partitions.size()) {
        const auto was = old_topic->in_sync(old_topic->partitions[p]), is = topic.in_sync(partition);
        changes.isr_shrinks += has_others(was, is);
        changes.isr_expands += has_others(is, was);
        changes.leader_changes +=
            partition.leader != kNoBroker && last_leader != kNoBroker && partition.leader != last_leader;
        changes.unclean_elections += is_unclean(before, *old_topic, old_index, p, partition, is);
      }
      if (partition.leader != kNoBroker) last_leader = partition.leader;
    }
  }
}

}  // namespace kafkascope::analysis
