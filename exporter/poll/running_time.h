#pragma once

#include <algorithm>

#include "model/time.h"

namespace kafkascope::poll {

/// Measures the time since restart() without time during which the process was suspended (SIGSTOP, a paused virtual
/// machine): at most kMaxStep counts between two calls. Thread-safety: one thread.
class RunningTime {
 public:
  using Duration = model::Time::duration;

  /// For update() once a second.
  static constexpr Duration kMaxStep = std::chrono::seconds(1);

  explicit RunningTime(model::Time now) : last_(now) {}

  void restart(model::Time now) { *this = RunningTime(now); }

  Duration update(model::Time now) {
    total_ += std::min(now - last_, kMaxStep);
    last_ = now;
    return total_;
  }

 private:
  model::Time last_;
  Duration total_{0};
};

}  // namespace kafkascope::poll
