#include "analysis/time_search.h"

#include <algorithm>
#include <cmath>

namespace kafkascope::analysis {

namespace {

/// A record that is so little ahead of us is from now.
constexpr int64_t kClockSkewMs = 5000;

/// As exact as an answer has to be, at an age.
int64_t tolerance_ms(int64_t age_ms) { return std::max<int64_t>(1000, age_ms / 1000); }

}  // namespace

TimeSearch::TimeSearch(int64_t offset, int64_t end_offset, int64_t now_ms, bool compacted)
    : offset_(offset),
      now_ms_(now_ms),
      high_offset_(std::max(end_offset, offset + 1)),
      high_ms_(now_ms + 1),
      compacted_(compacted) {
  if (offset >= end_offset) finish({});
}

int64_t TimeSearch::next_timestamp() const {
  if (rounds_ == 0) return 0;
  const int64_t width = high_ms_ - low_ms_;
  const int64_t guess = interpolated();
  int64_t ask = guess;
  if (rounds_ > 3 && rounds_ % 2 == 0 && width_before_ < 4 * width) {
    // Interpolation does not get there: halve the logarithm of the age.
    const double youngest = static_cast<double>(now_ms_ - high_ms_) + 1000;
    const double oldest = static_cast<double>(now_ms_ - low_ms_) + 1000;
    ask = now_ms_ + 1000 - static_cast<int64_t>(std::sqrt(youngest * oldest));
  } else if (rounds_ > 1) {
    // Beyond the guess, on the side that did not move, so that both close in.
    const int64_t margin = std::max(tolerance_ms(now_ms_ - guess) / 2, std::min(guess - low_ms_, high_ms_ - guess) / 8);
    ask = low_moved_ ? guess + margin : guess - margin;
  }
  return std::clamp(ask, low_ms_ + 1, high_ms_ - 1);
}

void TimeSearch::narrow(int64_t answered_offset, int64_t answered_timestamp) {
  if (done_) return;
  const int64_t asked = next_timestamp();
  const bool none = answered_offset < 0 || answered_timestamp < 0;
  ++rounds_;
  if (rounds_ == 1 && none) return finish({});  // no record has a timestamp
  width_before_ = width_last_;
  width_last_ = high_ms_ - low_ms_;
  const int64_t timestamp = std::max(answered_timestamp, asked);
  if (!none && answered_offset <= offset_) {
    if (timestamp > now_ms_ + kClockSkewMs) return finish({});
    if (answered_offset == offset_ || timestamp >= high_ms_) return finish(std::min(timestamp, now_ms_));
    low_offset_ = std::max(low_offset_, answered_offset);
    low_ms_ = timestamp;
    low_moved_ = true;
  } else if (rounds_ == 1) {
    return finish(std::min(timestamp, now_ms_));  // older ones are gone
  } else {
    high_ms_ = asked;
    if (!none) {
      high_offset_ = std::min(high_offset_, answered_offset);
      high_record_ms_ = timestamp;
    }
    low_moved_ = false;
  }
  if (high_ms_ - low_ms_ > tolerance_ms(now_ms_ - low_ms_) && rounds_ < kMaxRounds) return;
  finish(compacted_ && high_record_ms_ >= 0 ? std::min(high_record_ms_, now_ms_) : interpolated());
}

std::optional<int64_t> TimeSearch::best_ms() const {
  if (done_) return exact_ms_;
  if (rounds_ == 0) return {};
  return interpolated();
}

void TimeSearch::finish(std::optional<int64_t> ms) {
  done_ = true;
  exact_ms_ = ms;
}

/// The records between the two came evenly.
int64_t TimeSearch::interpolated() const {
  const double share =
      static_cast<double>(offset_ - low_offset_) / std::max<double>(1, static_cast<double>(high_offset_ - low_offset_));
  return std::min(low_ms_ + static_cast<int64_t>(share * static_cast<double>(high_ms_ - low_ms_)), now_ms_);
}

}  // namespace kafkascope::analysis
