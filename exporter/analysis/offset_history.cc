#include "analysis/offset_history.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace kafkascope::analysis {

using model::OffsetHistory;
using model::OffsetPoint;
using model::Tick;
using model::Time;

namespace {

int64_t offset_of(const OffsetHistory& memory, const OffsetPoint& point) {
  return memory.base + (int64_t{point.offset} << memory.shift);
}

int64_t newest(const OffsetHistory& memory) { return offset_of(memory, memory.points.back()) + memory.beyond; }

/// Returns the first point with a higher offset.
std::vector<OffsetPoint>::const_iterator first_above(const OffsetHistory& memory, int64_t offset) {
  return std::upper_bound(memory.points.begin(), memory.points.end(), offset,
                          [&](int64_t value, const OffsetPoint& point) { return value < offset_of(memory, point); });
}

bool known(const OffsetHistory& memory, int64_t offset) {
  return !memory.points.empty() && offset >= offset_of(memory, memory.points.front());
}

/// Changes the base, and the shift to the smallest with which `highest` fits.
void rescale(OffsetHistory& memory, int64_t base, int64_t highest) {
  uint8_t shift = 0;
  while ((highest - base) >> shift > std::numeric_limits<uint32_t>::max()) ++shift;
  if (base == memory.base && shift == memory.shift) return;
  const int64_t end = newest(memory);
  for (auto& point : memory.points) point.offset = static_cast<uint32_t>((offset_of(memory, point) - base) >> shift);
  memory.points.back().offset = static_cast<uint32_t>((end - base) >> shift);
  memory.base = base;
  memory.shift = shift;
  memory.beyond = static_cast<uint32_t>(end - offset_of(memory, memory.points.back()));
}

/// Returns the maximum error, relative to the age, that removing an inner point causes. At an end of an idle period the
/// error is the length of the period.
double cost_of_removal(const OffsetPoint* point, Tick now) {
  const OffsetPoint& before = point[-1];
  const OffsetPoint& after = point[1];
  const double records = double(after.offset) - before.offset;
  const double share = records > 0 ? (double(point->offset) - before.offset) / records : 0;
  const double straight = before.time + share * (double(after.time) - before.time);
  return std::abs(straight - point->time) / (model::ticks_between(point->time, now) + 1.0);
}

/// Removes the point in [first, last) that causes the smallest error.
void remove_cheapest(OffsetHistory& memory, Tick now, size_t first, size_t last) {
  auto& points = memory.points;
  size_t cheapest = first;
  double least = std::numeric_limits<double>::infinity();
  for (size_t i = first; i < last; ++i) {
    const double cost = cost_of_removal(&points[i], now);
    if (cost < least) {
      least = cost;
      cheapest = i;
    }
  }
  points.erase(points.begin() + static_cast<ptrdiff_t>(cheapest));
  if (cheapest < memory.looked_up) --memory.looked_up;
}

/// REQUIRES: not empty, end >= newest end.
void append(OffsetHistory& memory, Tick tick, int64_t end) {
  auto& points = memory.points;
  const size_t seen = points.size() - memory.looked_up;
  if (end == newest(memory) && seen >= 2 && points[points.size() - 2].offset == points.back().offset) {
    points.back().time = std::max(points.back().time, tick);
    return;
  }
  // Keep the first two points: the group with the largest lag is between them.
  if (seen >= OffsetHistory::kMaxPoints)
    remove_cheapest(memory, tick, std::max<size_t>(2, memory.looked_up), points.size() - 1);
  if ((end - memory.base) >> memory.shift > std::numeric_limits<uint32_t>::max())
    rescale(memory, offset_of(memory, points.front()), end);
  const int64_t above = end - memory.base;
  points.push_back({std::max(points.back().time, tick), static_cast<uint32_t>(above >> memory.shift)});
  memory.beyond = static_cast<uint32_t>(above - (above >> memory.shift << memory.shift));
}

/// Returns when the end offset passed `offset` + `part`. REQUIRES: first point <= offset < newest end.
double time_at(const OffsetHistory& memory, int64_t offset, double part) {
  const auto& points = memory.points;
  const auto after = first_above(memory, offset);
  auto before = after - 1;
  if (after == points.end()) {  // lost by the shift: use the first observation of this end
    while (before != points.begin() && (before - 1)->offset == before->offset) --before;
    return before->time;
  }
  const double records = double(offset_of(memory, *after) - offset_of(memory, *before));
  const double share = (double(offset - offset_of(memory, *before)) + part) / records;
  return before->time + share * (double(after->time) - before->time);
}

/// Returns when the record at `offset` was appended. REQUIRES: as time_at().
double appended_at(const OffsetHistory& memory, int64_t offset) {
  // Between observed ends, records are assumed evenly spread, each in the middle of its share. A point from the time
  // index is the record's own time.
  const bool from_lookup = first_above(memory, offset) - memory.points.begin() <= memory.looked_up;
  return time_at(memory, offset, from_lookup ? 0 : 0.5);
}

}  // namespace

void observe(OffsetHistory& memory, Time now, int64_t end) {
  const Tick tick = model::to_tick(now);
  auto& points = memory.points;
  if (!known(memory, end)) {
    memory = {{{tick, 0}}, end, 0, 0, 0};
    return;
  }
  if (end < newest(memory)) {
    const auto reached = static_cast<Tick>(time_at(memory, end, 0));  // the same end again after a truncation
    points.erase(first_above(memory, end), points.end());
    memory.looked_up = static_cast<uint8_t>(std::min<size_t>(memory.looked_up, points.size()));
    memory.beyond = 0;
    append(memory, reached, end);
  }
  append(memory, tick, end);
}

void add_lookup(OffsetHistory& memory, Time appended, int64_t offset) {
  auto& points = memory.points;
  if (memory.looked_up >= points.size() || offset < 0 || offset >= offset_of(memory, points[memory.looked_up])) return;
  if (memory.looked_up >= OffsetHistory::kMaxLookedUp) remove_cheapest(memory, points.back().time, 2, memory.looked_up);
  if (offset < memory.base) rescale(memory, offset, newest(memory));
  const auto scaled = static_cast<uint32_t>((offset - memory.base) >> memory.shift);
  const auto end = points.begin() + memory.looked_up;
  auto at = std::lower_bound(points.begin(), end, scaled,
                             [](const OffsetPoint& point, uint32_t value) { return point.offset < value; });
  const bool again = at != end && at->offset == scaled;
  const auto after = again ? at + 1 : at;
  Tick tick = std::min(model::to_tick(appended), after->time);
  if (at != points.begin()) tick = std::max(tick, (at - 1)->time);
  if (again) {
    at->time = tick;
    return;
  }
  points.insert(at, {tick, scaled});
  ++memory.looked_up;
}

void forget_below(OffsetHistory& memory, int64_t committed) {
  auto& points = memory.points;
  if (!known(memory, committed)) return;
  auto keep = first_above(memory, committed) - 1;
  if (keep + 1 == points.end() && keep != points.begin() && committed < newest(memory)) --keep;  // lost by the shift
  const auto dropped = static_cast<uint8_t>(keep - points.begin());
  if (dropped == 0) return;
  points.erase(points.begin(), keep);
  memory.looked_up -= std::min(memory.looked_up, dropped);
  if (memory.shift > 0) rescale(memory, offset_of(memory, points.front()), newest(memory));
  if (points.capacity() > 8 && points.size() * 4 <= points.capacity()) points.shrink_to_fit();
}

std::optional<double> lag_seconds(const OffsetHistory& memory, Time now, int64_t committed) {
  if (memory.points.empty()) return {};
  if (committed >= newest(memory)) return 0;
  if (!known(memory, committed)) return {};
  return std::max(0.0, (model::to_tick(now) - appended_at(memory, committed)) / model::kTicksPerSecond);
}

std::optional<double> uncertainty_seconds(const OffsetHistory& memory, int64_t committed) {
  if (memory.points.empty()) return {};
  if (committed >= newest(memory)) return 0;
  if (!known(memory, committed)) return {};
  const auto after = first_above(memory, committed);
  const auto before = after - 1;
  if (before - memory.points.begin() >= memory.looked_up || offset_of(memory, *before) == committed) return 0;
  return model::seconds_between(before->time, after->time);
}

}  // namespace kafkascope::analysis
