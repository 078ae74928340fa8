#include "web/rate_limiter.h"

#include <algorithm>

namespace kafkascope::web {

bool RateLimiter::allow(Clock::time_point now) {
  if (limit_.interval.count() == 0) return true;
  const std::lock_guard lock(mutex_);
  if (last_ != Clock::time_point{}) {
    const double passed = std::chrono::duration<double>(now - last_) / std::chrono::duration<double>(limit_.interval);
    tokens_ = std::min<double>(limit_.burst, tokens_ + std::max(passed, 0.0));
  }
  last_ = std::max(last_, now);
  if (tokens_ < 1) return false;
  --tokens_;
  return true;
}

}  // namespace kafkascope::web
