#include "analysis/lag.h"

#include <algorithm>

namespace kafkascope::analysis {

using model::GroupPartition;
using model::Value;

namespace {

/// Adds a part to a sum. The sum is unknown if a part is, else held if a part is.
void add_if_known(const Value& part, Value& sum) {
  if (!sum.known()) return;
  if (part.known())
    add(part, sum);
  else
    sum = {};
}

}  // namespace

std::vector<GroupPartition> lag_rows(const model::GroupResult& group, std::span<const GroupPartition> before,
                                     const model::Metadata& metadata, std::span<const Value> latest,
                                     const Holding& holding) {
  std::vector<GroupPartition> rows;
  if (!group.offsets_read) {
    for (GroupPartition row : before) {
      row.committed = holding.hold(row.committed);
      row.lag = holding.hold(row.lag);
      rows.push_back(row);
    }
    return rows;
  }

  rows.reserve(group.commits.size());
  auto last = before.begin();
  const auto find_last = [&](const model::PartitionRef& partition) -> const GroupPartition* {
    while (last != before.end() && last->partition < partition) ++last;
    return last != before.end() && last->partition == partition ? &*last : nullptr;
  };
  auto unread = group.unread.begin();
  const auto hold_unread = [&] {
    const GroupPartition* row = find_last(*unread);
    rows.push_back(row ? GroupPartition{*unread, holding.hold(row->committed), holding.hold(row->lag)}
                       : GroupPartition{*unread, {}, {}});
    ++unread;
  };
  for (const auto& commit : group.commits) {
    while (unread != group.unread.end() && *unread < commit.partition) hold_unread();
    GroupPartition row{commit.partition, {commit.offset, {}}, {}};
    const uint32_t number = metadata.topics[commit.partition.topic].first_partition + commit.partition.partition;
    if (latest[number].fresh()) {
      row.lag.value = std::max<int64_t>(0, latest[number].value - commit.offset);
    } else if (const GroupPartition* same = find_last(commit.partition)) {
      row.lag = holding.hold(same->lag);
    }
    rows.push_back(row);
  }
  while (unread != group.unread.end()) hold_unread();
  return rows;
}

TopicSums sum_of_topic(std::span<const GroupPartition> rows) {
  TopicSums sums{{0, {}}, {0, {}}, {0, {}}};
  for (const auto& row : rows) {
    add_if_known(row.committed, sums.committed);
    add_if_known(row.lag, sums.lag);
    add_if_known(row.stable_lag, sums.stable_lag);
  }
  return sums;
}

Value max_lag(std::span<const GroupPartition> rows) {
  Value max;
  for (const auto& row : rows)
    if (row.lag.known() && row.lag.value > max.value) max = row.lag;
  return max;
}

}  // namespace kafkascope::analysis
