#pragma once

#include <algorithm>

#include "model/time.h"

namespace kafkascope::poll {

/// Measures for how long this process ran since restart(). Time during which it was suspended (SIGSTOP, a paused
/// virtual machine) hardly counts: of the time between two calls, kMaxStep at most. Thread-safety: one thread.
class RunningTime {
 public:
  using Duration = model::Time::duration;

  /// update() is called once a second.
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
