#include "analysis/record_times.h"

#include <algorithm>
#include <chrono>

namespace kafkascope::analysis {
namespace {

using model::RecordTime;
using model::RecordTimes;
using model::Snapshot;
using model::Value;

/// Returns whether the partition is known to have no records.
bool is_empty(const Snapshot& snapshot, uint32_t partition) {
  const Value &start = snapshot.earliest[partition], &end = snapshot.latest[partition];
  return start.known() && end.known() && start.value >= end.value;
}

/// Returns whether a timestamp that was read at offset `before` is that of a partition whose offset is now `now`.
bool is_current(const Value& now, int64_t before) { return now.fresh() && now.value == before; }

template <class IsDue>
std::vector<uint32_t> find_due(const Snapshot& now, size_t most, uint32_t& next, const IsDue& is_due) {
  std::vector<uint32_t> due;
  for (const auto& topic : now.numbering->topics)
    for (uint32_t p = topic.first_partition; p < topic.first_partition + topic.partitions.size(); ++p)
      if (!is_empty(now, p) && is_due(topic, p)) due.push_back(p);
  if (due.size() <= most) return due;
  std::rotate(due.begin(), std::lower_bound(due.begin(), due.end(), next), due.end());
  next = due[most];
  due.resize(most);
  std::sort(due.begin(), due.end());
  return due;
}

const RecordTimes& times_of(const Snapshot& snapshot, uint32_t partition) {
  static constexpr RecordTimes kNone;
  return partition < snapshot.record_times.size() ? snapshot.record_times[partition] : kNone;
}

void update(const RecordTime& read, int64_t now_ms, const Holding& holding, Value& value, int64_t& offset) {
  if (read.ms == RecordTime::kFailed) {
    value = holding.hold(value);
    offset = Value::kUnknown;
    return;
  }
  value = read.ms < model::kFirstUsableTime ? Value{} : Value{std::min(read.ms, now_ms), {}};
  offset = read.offset;
}

}  // namespace

std::vector<uint32_t> find_partitions_without_newest(const Snapshot& now, size_t most, uint32_t& next) {
  return find_due(now, most, next, [&](const model::Topic&, uint32_t partition) {
    return !is_current(now.latest[partition], times_of(now, partition).end);
  });
}

std::vector<uint32_t> find_partitions_without_oldest(const Snapshot& now, size_t most, uint32_t& next) {
  return find_due(now, most, next, [&](const model::Topic& topic, uint32_t partition) {
    const auto& settings = now.settings[static_cast<size_t>(&topic - now.numbering->topics.data())];
    if (settings && settings->is_tiered()) return false;
    const RecordTimes& times = times_of(now, partition);
    // Compaction removes records without moving the start, and a partition may have got its first record.
    const bool may_stay = times.oldest.known() && !(settings && settings->compacts());
    return !may_stay || !is_current(now.earliest[partition], times.start);
  });
}

void merge_record_times(const model::BackgroundResult& result, const Holding& holding, Snapshot& now) {
  if (result.newest.empty() && result.oldest.empty()) return;
  using std::chrono::milliseconds;
  const int64_t now_ms = std::chrono::duration_cast<milliseconds>(result.wall.time_since_epoch()).count();
  now.record_times.resize(now.numbering->partition_count);
  for (const RecordTime& read : result.newest) {
    RecordTimes& times = now.record_times[read.partition];
    update(read, now_ms, holding, times.newest, times.end);
  }
  for (const RecordTime& read : result.oldest) {
    RecordTimes& times = now.record_times[read.partition];
    update(read, now_ms, holding, times.oldest, times.start);
  }
}

model::RecordTimeFigures record_time_figures(const Snapshot& snapshot) {
  model::RecordTimeFigures figures;
  if (!snapshot.metadata) return figures;
  for (const auto& topic : snapshot.metadata->topics) {
    Value &newest = figures.newest.emplace_back(), &oldest = figures.oldest.emplace_back();
    for (uint32_t p = topic.first_partition; p < topic.first_partition + topic.partitions.size(); ++p) {
      if (is_empty(snapshot, p)) continue;
      const RecordTimes& times = times_of(snapshot, p);
      if (times.newest.known() && times.newest.value > newest.value) newest = times.newest;
      if (times.oldest.known() && (!oldest.known() || times.oldest.value < oldest.value)) oldest = times.oldest;
    }
    for (Value* value : {&newest, &oldest})
      if (value->known()) value->failing_since = held_since(value->failing_since, snapshot.metadata_failing_since);
  }
  return figures;
}

}  // namespace kafkascope::analysis
