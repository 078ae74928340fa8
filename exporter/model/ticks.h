#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "model/time.h"

namespace kafkascope::model {

/// A time in 4 bytes: tenths of a second; 2^31 is the zero of the steady clock. Covers 6.8 years before and after,
/// other times are clamped.
using Tick = uint32_t;

inline constexpr Tick kNoTick = 0;
inline constexpr double kTicksPerSecond = 10;

/// Never returns kNoTick.
inline Tick to_tick(Time time) {
  constexpr int64_t kZero = int64_t{1} << 31;
  const auto tenths =
      std::chrono::floor<std::chrono::duration<int64_t, std::ratio<1, 10>>>(time.time_since_epoch()).count();
  return static_cast<Tick>(std::clamp<int64_t>(tenths, 1 - kZero, kZero - 1) + kZero);
}

inline Time to_time(Tick tick) { return Time{std::chrono::milliseconds{(int64_t{tick} - (int64_t{1} << 31)) * 100}}; }

/// Returns the ticks between two times; 0 if `newer` is not newer.
inline uint32_t ticks_between(Tick older, Tick newer) { return newer > older ? newer - older : 0; }

/// Never negative.
inline double seconds_between(Tick older, Tick newer) { return ticks_between(older, newer) / kTicksPerSecond; }

}  // namespace kafkascope::model
