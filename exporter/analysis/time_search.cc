#include "analysis/time_search.h"

#include <algorithm>
#include <cmath>

namespace kafkascope::analysis {

namespace {

/// Kafka's first year: what claims to be older has no clock.
constexpr int64_t kFirstMs = 1293840000000;

/// A record that is so little ahead of our clock is from now.
constexpr int64_t kClockSkewMs = 5000;

constexpr int kPatientRounds = 8;

}  // namespace

TimeSearch::TimeSearch(int64_t offset, int64_t end_offset, int64_t now_ms, bool compacted)
    : offset_(offset),
      now_ms_(now_ms),
      high_offset_(end_offset),
      high_ms_(now_ms + 1),
      compacted_(compacted),
      done_(offset >= end_offset) {}

int64_t TimeSearch::next_timestamp() const {
  if (rounds_ == 0) return kFirstMs;  // the oldest record
  if (rounds_ == 1) return std::clamp(interpolated(), low_ms_ + 1, high_ms_ - 1);

  // Within a gap: did it come together with the one before?
  if (last_same_ && streak_ % 2 == 0) return low_ms_ + tolerance_ms();
  // Nothing came since: how long ago did it end?
  if (last_same_ && high_record_ms_ < 0 && rounds_ > 2) return halved();
  // Halving, where interpolation gets nowhere because the rate of records changed a lot.
  if (rounds_ > 4 && streak_ < 3 && width_before_ < 6 * (high_ms_ - low_ms_)) return halved();

  // Otherwise a little beyond the guess, as seen from the nearer side, so that the other side comes near, too; more
  // when that was too little.
  const bool near_low = offset_ - low_offset_ < high_offset_ - offset_;
  const double distance = static_cast<double>(near_low ? interpolated() - low_ms_ : high_ms_ - interpolated());
  double beyond = std::max(distance / 8, static_cast<double>(tolerance_ms()) / 2);
  if (last_low_ == near_low) beyond *= std::pow(4, streak_ - 1);
  if (distance + beyond >= static_cast<double>(high_ms_ - low_ms_)) return halved();
  const auto step = static_cast<int64_t>(distance + beyond);
  return std::clamp(near_low ? low_ms_ + step : high_ms_ - step, low_ms_ + 1, high_ms_ - 1);
}

void TimeSearch::narrow(int64_t answered_offset, int64_t answered_timestamp) {
  if (done_) return;
  const int64_t asked = next_timestamp();
  const int64_t timestamp = std::max(answered_timestamp, asked);
  const bool none = answered_offset < 0 || answered_timestamp < 0;
  const bool low = !none && answered_offset < offset_;
  ++rounds_;
  const bool oldest = rounds_ == 1 && !low;  // none is older: those before it are gone
  if (oldest && none) return finish({});     // not one has a sane timestamp
  if (oldest || (!none && answered_offset <= offset_)) {
    if (timestamp > now_ms_ + kClockSkewMs) return finish({});
    if (oldest || answered_offset == offset_) return finish(timestamp);
  }
  width_before_ = width_;
  width_ = high_ms_ - low_ms_;
  streak_ = low == last_low_ ? streak_ + 1 : 1;
  last_low_ = low;
  last_same_ = !low && (none || answered_offset >= high_offset_);
  if (low) {
    low_offset_ = answered_offset;
    low_ms_ = timestamp;
  } else {
    high_ms_ = asked;
    if (!none) {
      high_offset_ = answered_offset;
      high_record_ms_ = timestamp;
    }
  }
  finish_if_near();
}

void TimeSearch::finish_if_near() {
  if (high_ms_ - low_ms_ > tolerance_ms() && rounds_ < kMaxRounds) return;
  finish(compacted_ && high_record_ms_ >= 0 ? high_record_ms_ : interpolated());
}

void TimeSearch::overhear(int64_t asked, int64_t answered_offset, int64_t answered_timestamp) {
  if (done_) return;
  if (rounds_ == 0) {
    if (asked == next_timestamp()) narrow(answered_offset, answered_timestamp);
    return;
  }
  const bool none = answered_offset < 0 || answered_timestamp < 0;
  const int64_t timestamp = std::max(answered_timestamp, asked);
  if (none || answered_offset > offset_) {
    if (asked <= low_ms_ || asked >= high_ms_) return;
    high_ms_ = asked;
    if (!none) {
      high_offset_ = answered_offset;
      high_record_ms_ = timestamp;
    }
  } else {
    if (timestamp <= low_ms_ || timestamp >= high_ms_) return;
    if (answered_offset == offset_) return finish(timestamp);
    low_offset_ = answered_offset;
    low_ms_ = timestamp;
  }
  finish_if_near();
}

std::optional<int64_t> TimeSearch::best_ms() const {
  if (done_ || rounds_ == 0) return result_ms_;
  return interpolated();
}

void TimeSearch::finish(std::optional<int64_t> ms) {
  done_ = true;
  if (ms) result_ms_ = std::min(*ms, now_ms_);
}

/// As if the records between the two had come evenly.
int64_t TimeSearch::interpolated() const {
  const double share = static_cast<double>(offset_ - low_offset_) /
                       static_cast<double>(std::max(high_offset_, offset_ + 1) - low_offset_);
  return std::min(low_ms_ + static_cast<int64_t>(share * static_cast<double>(high_ms_ - low_ms_)), now_ms_);
}

/// Between the two ages on a logarithmic scale.
int64_t TimeSearch::halved() const {
  const double youngest = static_cast<double>(now_ms_ - high_ms_) + 1000;
  const double oldest = static_cast<double>(now_ms_ - low_ms_) + 1000;
  return std::clamp(now_ms_ + 1000 - static_cast<int64_t>(std::sqrt(youngest * oldest)), low_ms_ + 1, high_ms_ - 1);
}

int64_t TimeSearch::tolerance_ms() const {
  return std::max<int64_t>(1000, (now_ms_ - low_ms_) / 1000) << std::max(0, rounds_ - kPatientRounds);
}

}  // namespace kafkascope::analysis
