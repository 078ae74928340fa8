#include "analysis/figures.h"

#include <algorithm>
#include <chrono>
#include <span>

#include "analysis/group_status.h"
#include "analysis/health.h"
#include "analysis/hold.h"
#include "analysis/lag.h"
#include "analysis/log_sizes.h"
#include "analysis/record_times.h"
#include "analysis/restart.h"
#include "analysis/transactions.h"

namespace kafkascope::analysis {
namespace {

using model::GroupPartition;
using model::GroupSnapshot;
using model::GroupTopic;
using model::PartitionRef;
using model::Snapshot;
using model::Value;

Value uncommitted(const GroupSnapshot& group, std::span<const GroupPartition> rows, size_t partitions) {
  if (!group.offsets_known || partitions < rows.size()) return {};
  Value count{static_cast<int64_t>(partitions - rows.size()), group.failing_since};
  for (const GroupPartition& row : rows) {
    if (!row.committed.known()) return {};
    count.failing_since = held_since(count.failing_since, row.committed.failing_since);
  }
  return count;
}

/// Returns how many elements at the front of a sorted list belong to `topic`.
template <class Of, class Topic>
uint32_t count_of(std::span<const Of> list, uint32_t topic, const Topic& topic_of) {
  const auto end = std::find_if(list.begin(), list.end(), [&](const Of& entry) { return topic_of(entry) != topic; });
  return static_cast<uint32_t>(end - list.begin());
}

/// Kafka counts from the last commit for groups without a protocol (type simple), which is not seen.
double offset_retention_used(const GroupSnapshot& group, const Snapshot& snapshot) {
  const auto& retention = snapshot.offsets_retention_ms;
  if (!retention || *retention.value <= 0 || group.partitions.empty() || group.group.type == "simple") return -1;
  if (group.group.members > 0) return 0;
  if (group.group.members < 0 || group.empty_since == model::Time{}) return -1;
  const std::chrono::duration<double, std::milli> empty = snapshot.at - group.empty_since;
  return empty.count() / static_cast<double>(*retention.value);
}

/// Appends the topics of a group to `topics`.
model::GroupFigures group_figures(const GroupSnapshot& group, const Snapshot& snapshot, const model::Options& options,
                                  std::vector<GroupTopic>& topics) {
  const auto topic_of_row = [](const GroupPartition& row) { return row.partition.topic; };
  const auto topic_of_ref = [](const PartitionRef& ref) { return ref.topic; };
  const StatusParameters parameters{options.status_window, 2 * options.interval};
  const auto first = static_cast<uint32_t>(topics.size());
  std::span<const GroupPartition> rows = group.partitions;
  std::span<const PartitionRef> assigned = group.group.assigned;
  uint32_t row = 0, ref = 0;
  while (row < rows.size() || ref < assigned.size()) {
    const uint32_t topic = std::min(row < rows.size() ? topic_of_row(rows[row]) : model::kNoTopic,
                                    ref < assigned.size() ? assigned[ref].topic : model::kNoTopic);
    GroupTopic& of = topics.emplace_back();
    of.topic = topic;
    of.first_row = row;
    of.rows = count_of(rows.subspan(row), topic, topic_of_row);
    of.first_assigned = ref;
    of.assigned = count_of(assigned.subspan(ref), topic, topic_of_ref);
    row += of.rows;
    ref += of.assigned;

    const auto part = rows.subspan(of.first_row, of.rows);
    const size_t shown = options.show_all_offsets ? snapshot.metadata->topics[topic].partitions.size() : of.assigned;
    of.uncommitted = uncommitted(group, part, shown);
    if (part.empty()) continue;
    const TopicSums sums = sum_of_topic(part);
    of.committed = sums.committed;
    of.lag = sums.lag;
    of.stable_lag = sums.stable_lag;
    of.status = worst_status(part, group.group.members, parameters);
  }
  return {max_lag(group.partitions), offset_retention_used(group, snapshot), first,
          static_cast<uint32_t>(topics.size()) - first};
}

}  // namespace

model::Figures figures(const Snapshot& snapshot, const model::Options& options) {
  model::Figures figures;
  figures.groups.resize(snapshot.groups.size());
  if (!snapshot.metadata) return figures;
  figures.health = health(snapshot);
  figures.broker_loads = broker_loads(snapshot);
  figures.restart_impacts = restart_impacts(snapshot);
  figures.log_sizes = log_sizes(snapshot);
  figures.record_times = record_time_figures(snapshot);
  figures.transactions = transaction_figures(snapshot);
  for (size_t i = 0; i < snapshot.groups.size(); ++i)
    if (snapshot.groups[i].shown)
      figures.groups[i] = group_figures(snapshot.groups[i], snapshot, options, figures.group_topics);
  return figures;
}

}  // namespace kafkascope::analysis
