#pragma once

#include <chrono>
#include <mutex>

#include "config/web_config.h"

namespace kafkascope::web {

/// A token bucket, full at first. Thread-safety: allow() may be called by any thread.
class RateLimiter {
 public:
  using Clock = std::chrono::steady_clock;
  explicit RateLimiter(const config::RateLimit& limit) : limit_(limit), tokens_(limit.burst) {}

  /// Returns whether a request at `now` is within the limit, and counts it if so.
  bool allow(Clock::time_point now);
  const config::RateLimit& limit() const { return limit_; }

 private:
  const config::RateLimit limit_;
  std::mutex mutex_;
  double tokens_;             // guarded by mutex_
  Clock::time_point last_{};  // guarded by mutex_
};

}  // namespace kafkascope::web
