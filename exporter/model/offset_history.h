#pragma once

#include <cstdint>
#include <vector>

#include "model/ticks.h"

namespace kafkascope::model {

/// The end offset of a partition at a time, in units of OffsetHistory relative to its base.
struct OffsetPoint {
  Tick time;
  uint32_t offset;

  bool operator==(const OffsetPoint&) const = default;
};

/// Observed end offsets of a partition over time, from which lag in seconds is computed. Empty if no group reads the
/// partition. See analysis/offset_history.h.
struct OffsetHistory {
  static constexpr size_t kMaxPoints = 32;    ///< Observed points.
  static constexpr size_t kMaxLookedUp = 96;  ///< Points before them: one for each group that was behind at the start.

  /// Times and offsets never decrease. An idle period is two points: the first and the last observation of the same end
  /// offset. The first `looked_up` points come from the time index: the record at `offset` was appended at `time`.
  std::vector<OffsetPoint> points;
  int64_t base = 0;     ///< Offset of a point: base + (offset << shift).
  uint32_t beyond = 0;  ///< Newest end offset - offset of the last point: the bits lost by the shift.
  uint8_t shift = 0;    ///< 0 unless the points span more than 2^32 records.
  uint8_t looked_up = 0;
};

static_assert(sizeof(OffsetPoint) == 8);
static_assert(sizeof(OffsetHistory) <= 40);

}  // namespace kafkascope::model
