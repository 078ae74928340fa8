#include "analysis/advance.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "analysis/changes.h"
#include "analysis/end_offsets.h"
#include "analysis/groups.h"
#include "analysis/hold.h"
#include "analysis/renumber.h"

namespace kafkascope::analysis {
namespace {

using model::Facts;
using model::Metadata;
using model::Snapshot;
using model::Time;
using model::Value;

/// A broker that no metadata has mentioned for so long is forgotten; without metadata, none is.
constexpr std::chrono::hours kForgetBroker{1};

/// Seconds that the clock on the wall may go off ours before timestamps follow.
constexpr double kClockCorrection = 0.5;

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

/// What everybody who reads a partition still needs of it: the lowest offset that any group has committed. INT64_MAX:
/// nobody reads it.
std::vector<int64_t> lowest_commits(const Snapshot& before, const Facts& facts, const Renumbering& renumbering,
                                    const Metadata& metadata) {
  std::vector<int64_t> lowest(metadata.partition_count, INT64_MAX);
  const auto note = [&](const model::PartitionRef& partition, int64_t offset) {
    int64_t& least = lowest[metadata.topics[partition.topic].first_partition + partition.partition];
    least = std::min(least, offset);
  };
  for (const auto& group : facts.groups)
    for (const auto& commit : group.commits) note(commit.partition, commit.offset);
  for (const auto& group : before.groups)
    for (const auto& row : group.partitions)
      if (auto partition = row.partition; row.committed.known() && renumbering.renumber(partition))
        note(partition, row.committed.value);
  return lowest;
}

void remember_ends(Snapshot& before, const Facts& facts, const Renumbering& renumbering, Snapshot& now) {
  now.end_offsets = renumbering.partitions(std::move(before.end_offsets), now.numbering->partition_count);
  const auto lowest = lowest_commits(before, facts, renumbering, *now.numbering);
  for (uint32_t p = 0; p < lowest.size(); ++p) {
    if (lowest[p] == INT64_MAX) {
      now.end_offsets[p] = {};
    } else if (now.latest[p].fresh()) {
      observe(now.end_offsets[p], now.at, now.latest[p].value);
      forget_below(now.end_offsets[p], lowest[p]);
    }
  }
  if (before.markers.empty()) return;
  // What is known of a single record is of no use once no group has to read it, and wrong once it was truncated.
  for (uint32_t p = 0; p < lowest.size(); ++p) {
    const auto old = before.markers.find(renumbering.old_partition(p));
    if (old == before.markers.end()) continue;
    const int64_t record = old->second.first;
    if (lowest[p] <= record && (!now.latest[p].fresh() || record < now.latest[p].value))
      now.markers.emplace_hint(now.markers.end(), p, old->second);
  }
}

void renumber(model::LogDirs& dirs, const Renumbering& renumbering) {
  if (!renumbering.same())
    std::erase_if(dirs.replicas, [&](auto& replica) { return !renumbering.renumber(replica.partition); });
}

/// What is not asked in every poll, or not of every cluster.
void advance_kept(Snapshot& before, Facts& facts, const Renumbering& renumbering, const Holding& holding,
                  const model::Options& options, Snapshot& now) {
  // Without metadata nothing is asked: what was known is not read.
  const auto asked = [&](model::Asked asked) { return facts.metadata_read ? asked : model::Asked::kUnread; };
  now.controller = facts.controller;
  now.quorum = std::move(before.quorum);
  holding.keep(now.quorum, asked(facts.quorum_asked), std::move(facts.quorum));
  now.reassigning = std::move(before.reassigning);
  if (now.reassigning)
    std::erase_if(*now.reassigning.value, [&](auto& partition) { return !renumbering.renumber(partition); });
  holding.keep(now.reassigning, asked(facts.reassignments_asked), std::move(facts.reassigning));

  now.settings_asked = renumbering.topics(std::move(before.settings_asked), now.numbering->topics.size());
  now.settings = renumbering.topics(std::move(before.settings), now.numbering->topics.size());
  const Holding settings_holding{now.at, 2 * options.topic_configs_interval};
  for (auto& settings : now.settings)
    if (settings.held()) settings_holding.hold(settings);
  now.log_dirs = std::move(before.log_dirs);
  const Holding dirs_holding{now.at, 2 * options.log_dirs_interval};
  for (auto& [broker, dirs] : now.log_dirs) {
    if (dirs.held() || !now.metadata) dirs_holding.hold(dirs);  // nor are disks, for as long as the cluster is down
    if (dirs) renumber(*dirs.value, renumbering);
  }
  std::erase_if(now.log_dirs, [](const auto& entry) { return !entry.second; });
}

}  // namespace

Snapshot advance(Snapshot&& before, Facts&& facts, const model::Options& options) {
  const Holding holding{facts.at, options.hold};
  Snapshot now;
  now.at = facts.at;
  now.unix_zero = model::unix_seconds(facts.wall) - std::chrono::duration<double>(facts.at.time_since_epoch()).count();
  // Clocks are corrected by little all the time: what did not happen again keeps its timestamp.
  if (std::abs(now.unix_zero - before.unix_zero) < kClockCorrection) now.unix_zero = before.unix_zero;
  now.up = facts.metadata_read;
  now.brokers = advance_brokers(std::move(before.brokers), facts);
  now.statistics = std::move(facts.statistics);
  now.requests = std::move(before.requests);
  now.own_requests = std::move(before.own_requests);
  for (const auto& [api, count] : facts.requests) now.requests[std::string(api)] += count;

  now.numbering = facts.metadata ? facts.metadata : before.numbering;
  if (!now.numbering) return now;
  now.metadata = now.numbering;
  if (!facts.metadata_read) {
    now.metadata_failing_since = before.metadata_failing_since;
    if (!holding.extend(now.metadata_failing_since)) now.metadata = nullptr;  // and with it all that is numbered by it
  }
  const Renumbering renumbering(before.numbering.get(), *now.numbering);
  const uint32_t partitions = now.numbering->partition_count;
  now.latest = advance_offsets(before.latest, renumbering, facts.latest, partitions, holding);
  now.earliest = advance_offsets(before.earliest, renumbering, facts.earliest, partitions, holding);
  if (options.read_committed)
    now.last_stable = advance_offsets(before.last_stable, renumbering, facts.last_stable, partitions, holding);
  if (facts.metadata_read) {
    now.eligible = std::move(facts.eligible);
    now.eligible_unread = std::move(facts.eligible_unread);
  } else {
    now.eligible = before.eligible;
    now.eligible_unread = before.eligible_unread;
  }
  count_changes(before, renumbering, now);
  advance_kept(before, facts, renumbering, holding, options, now);
  remember_ends(before, facts, renumbering, now);
  now.groups = advance_groups(before, now, facts, renumbering, holding, options);
  now.share_groups = advance_share_groups(before, facts, renumbering, holding);
  return now;
}

}  // namespace kafkascope::analysis
