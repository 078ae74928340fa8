#pragma once

#include <cstdint>
#include <vector>

#include "model/ticks.h"

namespace kafkascope::model {

/// At `time` the partition ended at this offset (in units of OffsetHistory, from its base).
struct OffsetPoint {
  Tick time;
  uint32_t offset;

  bool operator==(const OffsetPoint&) const = default;
};

/// When a partition's end was seen to move: what lag in time is told from. Empty for a partition that nobody reads.
/// analysis/offset_history.h holds all that is done with it.
struct OffsetHistory {
  static constexpr size_t kMaxPoints = 32;    ///< That were seen.
  static constexpr size_t kMaxLookedUp = 96;  ///< Before them: one for each group that was behind at the start.

  /// Both time and offset never go down. An idle stretch is two points, the first and the last time that the end was
  /// seen there. The first `looked_up` points were not seen: there, the record at the offset was appended at the time.
  std::vector<OffsetPoint> points;
  int64_t base = 0;     ///< Offset of a point: base + (offset << shift).
  uint32_t beyond = 0;  ///< The newest end less the last point's offset: what the shift cut off.
  uint8_t shift = 0;    ///< 0 unless the points span more than 2^32 records.
  uint8_t looked_up = 0;
};

static_assert(sizeof(OffsetPoint) == 8);
static_assert(sizeof(OffsetHistory) <= 40);

}  // namespace kafkascope::model
