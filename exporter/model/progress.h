#pragma once

#include <cstdint>

#include "model/ticks.h"

namespace kafkascope::model {

/// The status of a group on a topic: the worst of its partitions, which is the largest.
enum class Status : uint8_t { kOk, kLagging, kRewound, kStalled, kStopped, kAhead, kLosing };

inline constexpr const char* kStatusNames[] = {"ok", "lagging", "rewound", "stalled", "stopped", "ahead", "losing"};

/// What a partition that a group reads did lately: all that a status is told from, small, for there may be a million.
/// analysis/progress.h holds all that is done with it. Spans are in ticks, and count only time that was observed.
struct Progress {
  Tick seen = kNoTick;          ///< Last observed; none: never.
  Tick moved = kNoTick;         ///< The committed offset last moved, as seen; none: never seen to move.
  uint32_t to_regain : 26 = 0;  ///< Records until it is again where it was before it moved back.
  uint32_t was_ok : 1 = 0;      ///< Some time since it was first seen it was not behind.
  uint32_t halves : 2 = 0;      ///< Half windows that it has been behind for, 2 at most; then its lag was compared.
  uint32_t shrank : 2 = 0;  ///< In so many half windows in a row its lag was smaller than a window before; 3 at most.
  uint32_t lagging : 1 = 0;
  uint16_t calm = 0;        ///< Behind and no move, for so long.
  uint16_t since_back = 0;  ///< Since it moved back.
  uint16_t half = 0;        ///< The half window that it is in, so far.
  /// The largest lags of the half window before the last, of the last and of this one, as packed_lag(); 0: not behind.
  uint16_t high_before = 0, high_last = 0, high_now = 0;
};

static_assert(sizeof(Progress) <= 24);

}  // namespace kafkascope::model
