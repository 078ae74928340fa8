#pragma once

#include <chrono>

namespace kafkascope::model {

/// Never jumps: ages, deadlines and holds.
using Time = std::chrono::steady_clock::time_point;
/// What a clock on the wall says: timestamps on the page.
using WallTime = std::chrono::system_clock::time_point;

/// Seconds since 1970, as Prometheus has its timestamps.
inline double unix_seconds(WallTime time) { return std::chrono::duration<double>(time.time_since_epoch()).count(); }

}  // namespace kafkascope::model
