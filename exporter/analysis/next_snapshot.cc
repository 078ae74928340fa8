#include "analysis/next_snapshot.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "analysis/changes.h"
#include "analysis/cluster_changes.h"
#include "analysis/groups.h"
#include "analysis/hold.h"
#include "analysis/offset_history.h"
#include "analysis/partition_mapping.h"
#include "analysis/replica_lag.h"

namespace kafkascope::analysis {
namespace {

using model::Metadata;
using model::PollResult;
using model::Snapshot;
using model::Time;
using model::Value;

/// Brokers that are missing in the metadata for this long are removed; none without metadata.
constexpr std::chrono::hours kForgetBroker{1};

/// Difference in seconds between wall clock and steady clock above which timestamps are corrected.
constexpr double kClockCorrection = 0.5;

std::map<int32_t, model::BrokerSnapshot> next_brokers(std::map<int32_t, model::BrokerSnapshot> brokers,
                                                      const PollResult& result) {
  if (result.metadata_read) {
    for (const auto& broker : result.metadata->brokers) brokers[broker.id].last_seen = result.at;
    std::set<int32_t> nodes;
    for (const auto& topic : result.metadata->topics) nodes.insert(topic.nodes.begin(), topic.nodes.end());
    for (const int32_t id : nodes) brokers[id].last_seen = result.at;
    std::erase_if(brokers, [&](const auto& entry) { return result.at - entry.second.last_seen > kForgetBroker; });
  }
  for (auto& [id, broker] : brokers) broker.up = std::binary_search(result.answered.begin(), result.answered.end(), id);
  return brokers;
}

/// Returns whether the servers are now those of another cluster, all of whose brokers responded.
bool cluster_replaced(const Metadata* before, const PollResult& result) {
  if (!before || !result.metadata_read) return false;
  const Metadata& now = *result.metadata;
  if (before->cluster_id.empty() || now.cluster_id.empty() || before->cluster_id == now.cluster_id) return false;
  return std::all_of(now.brokers.begin(), now.brokers.end(), [&](const auto& broker) {
    return std::binary_search(result.answered.begin(), result.answered.end(), broker.id);
  });
}

/// `read`: by partition number, as in PollResult; empty: not requested.
std::vector<Value> next_offsets(const std::vector<Value>& before, const PartitionMapping& mapping,
                                const std::vector<int64_t>& read, uint32_t partitions, const Holding& holding) {
  std::vector<Value> now(partitions);
  for (uint32_t p = 0; p < partitions; ++p) {
    const uint32_t old = mapping.old_partition(p);
    const Value last = old < before.size() ? before[old] : Value{};
    const int64_t offset = read.empty() ? model::kFailedOffset : read[p];
    if (offset >= 0)
      now[p] = {offset, {}};
    else if (offset == model::kNotRequestedOffset)
      now[p] = last;
    else
      now[p] = holding.hold(last);
  }
  return now;
}

/// Returns, by partition number, the lowest committed offset of all groups. INT64_MAX: no group reads the partition.
std::vector<int64_t> lowest_commits(const Snapshot& before, const PollResult& result, const PartitionMapping& mapping,
                                    const Metadata& metadata) {
  std::vector<int64_t> lowest(metadata.partition_count, INT64_MAX);
  const auto note = [&](const model::PartitionRef& partition, int64_t offset) {
    int64_t& least = lowest[metadata.topics[partition.topic].first_partition + partition.partition];
    least = std::min(least, offset);
  };
  for (const auto& group : result.groups)
    for (const auto& commit : group.commits) note(commit.partition, commit.offset);
  for (const auto& group : before.groups)
    for (const auto& row : group.partitions)
      if (auto partition = row.partition; row.committed.known() && mapping.map_partition(partition))
        note(partition, row.committed.value);
  return lowest;
}

void next_offset_history(Snapshot& before, const PollResult& result, const PartitionMapping& mapping, Snapshot& now) {
  now.offset_history = mapping.partitions(std::move(before.offset_history), now.numbering->partition_count);
  const auto lowest = lowest_commits(before, result, mapping, *now.numbering);
  for (uint32_t p = 0; p < lowest.size(); ++p) {
    if (lowest[p] == INT64_MAX) {
      now.offset_history[p] = {};
    } else if (now.latest[p].fresh()) {
      const model::Topic& topic = model::topic_of(*now.numbering, p);
      const auto index = static_cast<uint32_t>(&topic - now.numbering->topics.data());
      if (before.up && mapping.recreated(index)) observe(now.offset_history[p], before.at, 0);
      observe(now.offset_history[p], now.at, now.latest[p].value);
      forget_below(now.offset_history[p], lowest[p]);
    }
  }
  if (before.markers.empty()) return;
  // Drop markers of records that all groups have read or that were truncated.
  for (uint32_t p = 0; p < lowest.size(); ++p) {
    const auto old = before.markers.find(mapping.old_partition(p));
    if (old == before.markers.end()) continue;
    const int64_t record = old->second.first;
    if (lowest[p] <= record && (!now.latest[p].fresh() || record < now.latest[p].value))
      now.markers.emplace_hint(now.markers.end(), p, old->second);
  }
}

void map_partition(model::LogDirs& dirs, const PartitionMapping& mapping) {
  if (!mapping.same())
    std::erase_if(dirs.replicas, [&](auto& replica) { return !mapping.map_partition(replica.partition); });
}

/// Also called without metadata: nothing is requested then.
void next_transactions(Snapshot& before, const PartitionMapping& mapping, const Holding& holding, Snapshot& now) {
  now.max_transaction_ms = before.max_transaction_ms;
  now.transaction_states = std::move(before.transaction_states);
  if (now.transaction_states.held() || !now.metadata) holding.hold(now.transaction_states);
  now.oldest_transaction_seconds = before.oldest_transaction_seconds;
  if (now.oldest_transaction_seconds.held() || !now.metadata) holding.hold(now.oldest_transaction_seconds);
  if (before.stable_offsets.empty()) return;
  const uint32_t partitions = now.numbering->partition_count;
  now.stable_offsets = mapping.partitions(std::move(before.stable_offsets), partitions);
  for (auto& stable : now.stable_offsets)
    if (stable.offset.held() || !now.metadata) stable.offset = holding.hold(stable.offset);
  if (before.hanging.empty()) return;
  for (uint32_t p = 0; p < partitions; ++p)
    if (auto old = before.hanging.extract(mapping.old_partition(p)); old && now.stable_offsets[p].offset.known())
      now.hanging.emplace_hint(now.hanging.end(), p, std::move(old.mapped()));
}

/// Updates values that not every poll or not every cluster has.
void next_cached(Snapshot& before, PollResult& result, const PartitionMapping& mapping, const Holdings& holdings,
                 Snapshot& now) {
  // Without metadata nothing is requested: treat it as a failed read.
  const auto asked = [&](model::ReadState asked) { return result.metadata_read ? asked : model::ReadState::kFailed; };
  now.controller = result.controller;
  now.quorum = std::move(before.quorum);
  holdings.every_poll.update(now.quorum, asked(result.quorum_state), std::move(result.quorum));
  now.reassigning = std::move(before.reassigning);
  if (now.reassigning)
    std::erase_if(*now.reassigning.value, [&](auto& partition) { return !mapping.map_partition(partition); });
  holdings.every_poll.update(now.reassigning, asked(result.reassignments_state), std::move(result.reassigning));

  now.settings_state = mapping.topics(std::move(before.settings_state), now.numbering->topics.size());
  now.settings = mapping.topics(std::move(before.settings), now.numbering->topics.size());
  for (auto& settings : now.settings)
    if (settings.held()) holdings.topic_configs.hold(settings);
  now.offsets_retention_ms = before.offsets_retention_ms;
  if (now.offsets_retention_ms.held()) holdings.topic_configs.hold(now.offsets_retention_ms);
  if (!before.record_times.empty())
    now.record_times = mapping.partitions(std::move(before.record_times), now.numbering->partition_count);
  for (auto& times : now.record_times)
    for (Value* value : {&times.newest, &times.oldest})
      if (value->held() || !now.metadata) *value = holdings.record_times.hold(*value);
  next_transactions(before, mapping, holdings.transactions, now);
  now.log_dirs = std::move(before.log_dirs);
  for (auto& [broker, dirs] : now.log_dirs) {
    if (dirs.held() || !now.metadata) holdings.log_dirs.hold(dirs);  // not requested while the cluster is down
    if (dirs) map_partition(*dirs.value, mapping);
  }
  std::erase_if(now.log_dirs, [](const auto& entry) { return !entry.second; });
  now.features = std::move(before.features);
  for (auto& [broker, features] : now.features)
    if (features.held() || !now.metadata) holdings.features.hold(features);
  std::erase_if(now.features, [](const auto& entry) { return !entry.second; });
}

}  // namespace

Snapshot next_snapshot(Snapshot&& before, PollResult&& result, const model::Options& options) {
  const Holdings holdings(result.at, options);
  const Holding& holding = holdings.every_poll;
  Snapshot now;
  now.at = result.at;
  now.unix_zero =
      model::unix_seconds(result.wall) - std::chrono::duration<double>(result.at.time_since_epoch()).count();
  // Ignore small corrections of the wall clock, so that timestamps of past events do not change.
  if (std::abs(now.unix_zero - before.unix_zero) < kClockCorrection) now.unix_zero = before.unix_zero;
  now.up = result.metadata_read;
  now.brokers = next_brokers(std::move(before.brokers), result);
  now.statistics = std::move(result.statistics);
  now.certificates = std::move(result.certificates);
  now.requests = std::move(before.requests);
  now.own_requests = std::move(before.own_requests);
  for (const auto& [api, count] : result.requests) now.requests[std::string(api)] += count;

  now.cluster_changes = std::move(before.cluster_changes);
  count_cluster_changes(result, now.cluster_changes);
  now.numbering = result.metadata ? result.metadata : before.numbering;
  if (!now.numbering) return now;
  now.metadata = now.numbering;
  if (!result.metadata_read) {
    now.metadata_failing_since = before.metadata_failing_since;
    if (!holding.extend(now.metadata_failing_since)) now.metadata = nullptr;
  }
  if (cluster_replaced(before.numbering.get(), result)) {
    before.groups.clear();
    before.share_groups.clear();
    before.replica_lags.clear();
    before.features.clear();
    before.settings.clear();
    before.settings_state.clear();
    before.record_times.clear();
    before.stable_offsets.clear();
    before.hanging.clear();
    before.transaction_states = {};
    before.oldest_transaction_seconds = {};
  }
  const PartitionMapping mapping(before.numbering.get(), *now.numbering);
  const uint32_t partitions = now.numbering->partition_count;
  now.latest = next_offsets(before.latest, mapping, result.latest, partitions, holding);
  now.earliest = next_offsets(before.earliest, mapping, result.earliest, partitions, holding);
  if (options.read_committed)
    now.last_stable = next_offsets(before.last_stable, mapping, result.last_stable, partitions, holding);
  now.replica_lags = next_replica_lags(before.replica_lags, result, now, holding);
  if (result.metadata_read) {
    now.eligible = std::move(result.eligible);
    now.eligible_unknown = std::move(result.eligible_unknown);
  } else {
    now.eligible = before.eligible;
    now.eligible_unknown = before.eligible_unknown;
  }
  count_changes(before, mapping, now);
  next_cached(before, result, mapping, holdings, now);
  next_offset_history(before, result, mapping, now);
  now.groups = next_groups(before, now, result, mapping, holding, options);
  now.share_groups = next_share_groups(before, result, mapping, holding);
  return now;
}

}  // namespace kafkascope::analysis
