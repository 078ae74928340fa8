#pragma once

#include <chrono>

namespace kafkascope::model {

/// Steady clock, for ages, deadlines and held values.
using Time = std::chrono::steady_clock::time_point;
/// Wall clock, for timestamps on the page.
using WallTime = std::chrono::system_clock::time_point;

/// Returns seconds since the Unix epoch, the unit of Prometheus timestamps.
inline double unix_seconds(WallTime time) { return std::chrono::duration<double>(time.time_since_epoch()).count(); }

}  // namespace kafkascope::model
