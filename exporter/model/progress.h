#pragma once

#include <cstdint>

#include "model/ticks.h"

namespace kafkascope::model {

/// Status of a group on a topic: the worst, which is the largest, of its partitions.
enum class Status : uint8_t { kOk, kLagging, kRewound, kStalled, kStopped, kAhead, kLosing };

inline constexpr const char* kStatusNames[] = {"ok", "lagging", "rewound", "stalled", "stopped", "ahead", "losing"};

/// Recent progress of a group on a partition, from which its status is computed. Small, because there may be a million.
/// Durations are in ticks and contain only observed time. See analysis/group_status.h.
struct Progress {
  Tick seen = kNoTick;          ///< Last observation; kNoTick: none.
  Tick moved = kNoTick;         ///< Last observed change of the committed offset; kNoTick: none.
  uint32_t to_regain : 26 = 0;  ///< Records until the offset is again where it was before it was reset.
  uint32_t was_ok : 1 = 0;      ///< It was caught up at least once.
  uint32_t halves : 2 = 0;      ///< Half windows behind, at most 2; then lags are compared.
  uint32_t shrank : 2 = 0;      ///< Successive half windows with less lag than a window ago; at most 3.
  uint32_t lagging : 1 = 0;
  uint16_t calm = 0;        ///< Time behind without a change of the committed offset.
  uint16_t since_back = 0;  ///< Time since the offset was reset backwards.
  uint16_t half = 0;        ///< Time since the current half window began.
  /// Maximum lag of the last but one, the last and the current half window, as packed_lag(); 0: not behind.
  uint16_t high_before = 0, high_last = 0, high_now = 0;
};

static_assert(sizeof(Progress) <= 24);

}  // namespace kafkascope::model
