#include "analysis/time_lag.h"

#include <algorithm>
#include <set>

#include "analysis/group_status.h"
#include "analysis/offset_history.h"

namespace kafkascope::analysis {
namespace {

using model::GroupPartition;
using model::Snapshot;
using model::Value;

/// Maximum number of polls of a search. Its record must be requested in each of them, or the search starts over.
constexpr int kPollsPerSearch = 8;

/// A row and its partition.
class Row {
 public:
  Row(const GroupPartition& row, const Snapshot& now)
      : row_(row),
        now_(now),
        number_(now.numbering->topics[row.partition.topic].first_partition +
                static_cast<uint32_t>(row.partition.partition)),
        earliest_(now.earliest[number_]) {}

  uint32_t number() const { return number_; }
  int64_t end() const { return now_.latest[number_].value; }

  int64_t lost() const { return earliest_.known() ? std::max<int64_t>(0, earliest_.value - row_.committed.value) : 0; }

  /// Returns GroupPartition::ahead.
  int64_t ahead(const GroupPartition* before) const {
    if (!row_.committed.fresh() || !now_.latest[number_].fresh()) return 0;
    const int64_t beyond = std::max<int64_t>(0, row_.committed.value - end());
    return before && before->ahead != 0 ? beyond : -beyond;
  }

  Value stable_lag() const {
    if (now_.last_stable.empty() || !row_.committed.fresh() || !now_.last_stable[number_].fresh()) return {};
    return {std::max<int64_t>(0, now_.last_stable[number_].value - row_.committed.value), {}};
  }

  /// Returns the first unread offset, or the end offset if only a transaction marker is left.
  int64_t next() const {
    const auto marker = now_.markers.find(number_);
    const bool mark =
        marker != now_.markers.end() && marker->second.second && marker->second.first == row_.committed.value;
    return std::max(row_.committed.value + mark, earliest_.value);
  }

  /// Returns the number of unread records.
  int64_t unread() const { return std::max<int64_t>(0, end() - next()); }

  float lag_seconds() const {
    if (row_.lag.value == 0 || next() >= end()) return 0;
    const auto seconds = analysis::lag_seconds(now_.offset_history[number_], now_.at, next());
    return seconds ? static_cast<float>(*seconds) : GroupPartition::kUnknown;
  }

  /// Between two looked-up records, older than all observations, the estimate may be far off.
  bool is_vague(const model::Options& options) const {
    const auto off = uncertainty_seconds(now_.offset_history[number_], next());
    return !off || *off > std::max(2 * std::chrono::duration<double>(options.interval).count(), 0.05 * lag_seconds());
  }

  float retention_used() const {
    const auto& settings = now_.settings[row_.partition.topic];
    if (!settings || !settings->deletes() || settings->compacts()) return GroupPartition::kUnknown;
    if (settings->retention_ms > 0) {
      const float waiting = row_.lag_seconds;
      return waiting < 0 ? waiting : waiting / (static_cast<float>(settings->retention_ms) / 1000);
    }
    if (settings->retention_bytes < 0 || !earliest_.known()) return GroupPartition::kUnknown;
    const int64_t kept = end() - earliest_.value;
    if (earliest_.value == 0 || kept <= 0) return 0;  // nothing deleted so far
    return static_cast<float>(unread()) / static_cast<float>(kept);
  }

 private:
  const GroupPartition& row_;
  const Snapshot& now_;
  const uint32_t number_;
  const model::Value& earliest_;
};

/// Fills the fields of `observation` that follow from the commit, and adds it.
void note_progress(GroupPartition& row, const GroupPartition* before, Observation observation, const Snapshot& now,
                   const model::Options& options) {
  observation.now = now.at;
  observation.committed = row.committed.value;
  if (before && before->last_committed != Value::kUnknown) observation.previous_committed = before->last_committed;
  update_progress(row.progress, observation, {options.status_window, 2 * options.interval});
}

void compute_fresh(GroupPartition& row, const GroupPartition* before, const Snapshot& now,
                   const model::Options& options) {
  const Row known(row, now);
  row.lag_seconds = known.lag_seconds();
  // While a group makes progress, keep the estimate until the next record is looked up.
  const bool progress = before && before->lag_seconds > 0 && before->last_committed <= row.committed.value;
  if (row.lag_seconds > 0 && !progress && known.is_vague(options)) row.lag_seconds = GroupPartition::kUnknown;
  row.retention_used = known.retention_used();
  Observation observation{};
  observation.lag = known.unread();
  if (row.lag_seconds >= 0) observation.lag_seconds = row.lag_seconds;
  note_progress(row, before, observation, now, options);
}

/// Calls `each` with each row whose lag is fresh and not 0.
template <class Each>
void each_lagging(const Snapshot& now, const Each& each) {
  for (const auto& group : now.groups)
    for (const auto& row : group.partitions)
      if (row.lag.fresh() && row.committed.fresh() && row.lag.value > 0) each(row, Row(row, now));
}

using Rows = std::vector<const GroupPartition*>;

/// Returns where to start in a list of `size` entries that is too long for one poll. All polls of a turn start at the
/// same index. Indices of successive turns are spread evenly (golden ratio), so that each entry is among the first k at
/// least once in 2.7 * size / k turns, even if entries are added and removed.
size_t start_of_turn(model::Time now, std::chrono::milliseconds turn, size_t size) {
  const auto number = static_cast<uint64_t>(now.time_since_epoch() / std::max(turn, std::chrono::milliseconds(1)));
  const uint64_t share = (number * 0x9e3779b97f4a7c15u) >> 32;  // of 2^32
  return static_cast<size_t>(share * size >> 32);
}

}  // namespace

void compute_time_lag(std::span<GroupPartition> rows, std::span<const GroupPartition> before, const Snapshot& now,
                      const Holding& holding, const model::Options& options) {
  auto last = before.begin();
  for (auto& row : rows) {
    while (last != before.end() && last->partition < row.partition) ++last;
    const GroupPartition* same = last != before.end() && last->partition == row.partition ? &*last : nullptr;
    if (same) row.progress = same->progress;
    row.last_committed = row.committed.known() ? row.committed.value : same ? same->last_committed : Value::kUnknown;
    const Row known(row, now);
    row.stable_lag = known.stable_lag();
    if (!row.stable_lag.known() && same) row.stable_lag = holding.hold(same->stable_lag);
    row.ahead = known.ahead(same);
    row.lost = row.committed.fresh() ? known.lost() : same ? same->lost : 0;
    if (row.committed.fresh() && row.lag.fresh()) {
      compute_fresh(row, same, now, options);
      continue;
    }
    if (row.committed.fresh())
      note_progress(row, same, {}, now, options);  // end offset unknown: only changes of the commit
    if (same && row.lag.known()) {
      row.lag_seconds = same->lag_seconds;
      row.retention_used = same->retention_used;
    } else {
      row.lag_seconds = row.retention_used = GroupPartition::kUnknown;
    }
  }
}

void update_time_lag(std::span<GroupPartition> rows, std::span<const model::RecordPosition> looked_up,
                     const Snapshot& now, const model::Options& options) {
  for (auto& row : rows) {
    if (!row.committed.fresh() || !row.lag.fresh()) continue;
    const Row known(row, now);
    const bool was_known = row.lag_seconds >= 0;
    row.lag_seconds = known.lag_seconds();
    if (row.lag_seconds > 0 && !was_known && known.is_vague(options) &&
        !std::binary_search(looked_up.begin(), looked_up.end(), model::RecordPosition{known.number(), known.next()}))
      row.lag_seconds = GroupPartition::kUnknown;  // not looked up yet
    row.retention_used = known.retention_used();
  }
}

std::vector<model::TimestampQuery> find_records_without_time(const Snapshot& now, const model::Options& options,
                                                             size_t most) {
  std::vector<model::TimestampQuery> wanted;
  if (!now.numbering) return wanted;
  Rows unknown, vague;
  each_lagging(now, [&](const GroupPartition& row, const Row& known) {
    if (known.next() >= known.end()) return;
    if (row.lag_seconds < 0)
      unknown.push_back(&row);
    else if (known.is_vague(options))
      vague.push_back(&row);
  });
  std::set<model::RecordPosition> seen;
  const auto take = [&](const Rows& rows, size_t limit) {
    const size_t first = start_of_turn(now.at, kPollsPerSearch * options.interval, rows.size());
    for (size_t i = 0; i < rows.size() && wanted.size() < limit; ++i) {
      const GroupPartition& row = *rows[(first + i) % rows.size()];
      const Row known(row, now);
      const model::RecordPosition record{known.number(), known.next()};
      if (!seen.insert(record).second) continue;
      const auto& settings = now.settings[row.partition.topic];
      wanted.push_back({record, known.end(), settings && settings->compacts()});
    }
  };
  take(unknown, most - std::min(most / 4, vague.size()));
  take(vague, most);
  return wanted;
}

std::vector<model::RecordPosition> find_possible_transaction_markers(const Snapshot& now, const model::Options& options,
                                                                     size_t most) {
  std::vector<model::RecordPosition> wanted;
  if (!now.numbering) return wanted;
  const auto interval = std::chrono::duration<float>(options.interval).count();
  each_lagging(now, [&](const GroupPartition& row, const Row& known) {
    // Present in two polls, or before the start.
    if (row.lag.value != 1 || (row.lag_seconds >= 0 && row.lag_seconds < interval)) return;
    const auto marker = now.markers.find(known.number());
    if (marker == now.markers.end() || marker->second.first != row.committed.value)
      wanted.push_back({known.number(), row.committed.value});
  });
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  const size_t first = start_of_turn(now.at, options.interval, wanted.size());
  std::rotate(wanted.begin(), wanted.begin() + static_cast<ptrdiff_t>(first), wanted.end());
  if (wanted.size() > most) wanted.resize(most);
  return wanted;
}

}  // namespace kafkascope::analysis
