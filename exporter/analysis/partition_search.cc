#include "analysis/partition_search.h"

#include <algorithm>
#include <cmath>

namespace kafkascope::analysis {

namespace {

/// Kafka's first year. Older timestamps are invalid.
constexpr int64_t kFirstMs = 1293840000000;

/// Timestamps at most this far in the future count as now.
constexpr int64_t kClockSkewMs = 5000;

/// Maximum error of a result, absolute and relative to the age.
constexpr int64_t kToleranceMs = 2000, kTolerancePart = 21;

/// Successive answers that must lie on a straight line before records between two of them are interpolated. In a log of
/// bursts some do by chance.
constexpr int kStraight = 3;

/// Minimum part of a stretch on both sides of an answer that confirms a straight line.
constexpr double kSmallestPart = 0.1;

/// A stretch counts as narrowed if at most this part of it is left.
constexpr double kNarrowed = 0.6;

/// Successive contradictory answers after which the search ends without results.
constexpr int kMaxFruitless = 8;

}  // namespace

void PartitionSearch::want(std::vector<int64_t> offsets, int64_t end_offset, int64_t now_ms, bool compacted) {
  wanted_ = std::move(offsets);
  if (last_.offset != end_offset) last_ = {};
  end_offset_ = end_offset;
  now_ms_ = now_ms;
  compacted_ = compacted;
  move_results();
}

int64_t PartitionSearch::next_timestamp() const {
  if (answers_.empty()) return kFirstMs;  // finds the oldest record

  // Choose the stretch with most of the wanted offsets.
  size_t most = 0, begin = 0;
  for (size_t i = 0; i < wanted_.size();) {
    const size_t above = first_above(wanted_[i]);
    size_t end = i + 1;
    while (end < wanted_.size() && (above == answers_.size() || wanted_[end] < answers_[above].offset)) ++end;
    if (end - i > most) {
      most = end - i;
      begin = i;
    }
    i = end;
  }
  const int64_t offset = wanted_[begin + most / 2];
  const size_t above = first_above(offset);
  const Answer& low = answers_[above - 1];
  const Answer high = upper(above);
  const auto within = [&](int64_t timestamp) { return std::clamp(timestamp, low.record_ms + 1, high.asked_ms - 1); };
  const int64_t tolerance = tolerance_ms(low.record_ms);

  const bool after_gap = low.record_ms - low.asked_ms > tolerance && low.asked_ms > kFirstMs;
  const int turn = high.tries % 3;
  // Check for a burst: were all records appended together?
  if (turn == (after_gap ? 0 : 1)) return within(low.record_ms + 2 * tolerance - 1);
  if (turn == 2) return within(halved(low.record_ms, high.asked_ms));
  const int64_t guess = interpolated(low, high, offset);
  if (most > 2) return within(guess);
  // Go slightly beyond the guess, seen from the nearer end, to move the other end closer, too.
  const bool near_low = guess - low.record_ms < high.asked_ms - guess;
  const int64_t distance = near_low ? guess - low.record_ms : high.asked_ms - guess;
  const int64_t beyond = std::max(distance / 8, tolerance_ms(guess) * 2 / 3);
  return within(near_low ? guess + beyond : guess - beyond);
}

void PartitionSearch::add_answer(int64_t asked_ms, int64_t offset, int64_t timestamp) {
  if (done()) return;
  const bool none = offset < 0 || timestamp < 0 || offset >= end_offset_;
  const Answer answer{none ? end_offset_ : offset, asked_ms, none ? -1 : std::max(timestamp, asked_ms)};
  const size_t above = first_above(answer.offset);
  const bool again = above > 0 && answers_[above - 1].offset == answer.offset;
  const size_t before = above - again;  // index after the answer below
  const bool contradicts = (before > 0 && answers_[before - 1].record_ms >= asked_ms) ||
                           (before == 0 && !answers_.empty() && !again) ||
                           (again && answers_[before].asked_ms <= asked_ms) ||
                           (above < answers_.size() && answer.record_ms >= answers_[above].asked_ms);
  if (contradicts) {
    if (++fruitless_ < kMaxFruitless) return;
    for (const int64_t left : wanted_) results_.emplace_back(left, std::nullopt);
    wanted_.clear();
    return;
  }
  fruitless_ = 0;
  insert(answer);
  const size_t left = wanted_.size();
  move_results();
  if (wanted_.size() < left && answer.record_ms >= 0) {  // progress: keep asking in this stretch
    const size_t next = first_above(answer.offset);
    (next < answers_.size() ? answers_[next] : last_).tries = 0;
  }
}

void PartitionSearch::insert(const Answer& answer) {
  const size_t at = first_above(answer.offset - 1);  // the answer at this offset, or the next one
  if (at == 0) {
    answers_.insert(answers_.begin(), answer);
    return;
  }
  const Answer low = answers_[at - 1];
  const bool again = at < answers_.size() && answers_[at].offset == answer.offset;
  const bool at_end = answer.record_ms < 0;
  const Answer high = again || !at_end ? upper(at) : upper(answers_.size());
  const double width = log_width(low.record_ms, high.asked_ms);
  const auto inside = std::upper_bound(wanted_.begin(), wanted_.end(), high.offset - 1) -
                      std::upper_bound(wanted_.begin(), wanted_.end(), low.offset);
  const auto tries = [&](int64_t low_ms, int64_t high_ms) {
    const double time = static_cast<double>(high_ms - low_ms) / static_cast<double>(high.asked_ms - low.record_ms);
    const bool narrowed = log_width(low_ms, high_ms) <= kNarrowed * width || (inside > 2 && time <= kNarrowed);
    return static_cast<uint8_t>(narrowed ? 0 : std::min(high.tries + 1, 254));
  };
  if (again || at_end) {  // the stretch became shorter in time only
    Answer& same = again ? answers_[at] : last_;
    if (!again) last_.offset = end_offset_;
    same.asked_ms = answer.asked_ms;
    same.straight = 0;
    same.tries = tries(low.record_ms, answer.asked_ms);
    return;
  }

  Answer lower = answer;
  Answer higher = high;
  const double part = static_cast<double>(answer.offset - low.offset) / static_cast<double>(high.offset - low.offset);
  const auto off = static_cast<double>(std::abs(interpolated(low, high, answer.offset) - answer.record_ms));
  lower.deviation_ms =
      std::max(static_cast<int64_t>(off / (4 * part * (1 - part))), answer.record_ms - answer.asked_ms);
  const bool next_to_low = answer.asked_ms < low.record_ms + 2 * tolerance_ms(low.record_ms);
  if (lower.deviation_ms > tolerance_ms(answer.record_ms) / 3)
    lower.straight = 0;
  else if (!next_to_low && part >= kSmallestPart && part <= 1 - kSmallestPart)
    lower.straight = static_cast<uint8_t>(std::min(high.straight + 1, kStraight));
  else
    lower.straight = high.straight;
  higher.straight = lower.straight;
  higher.deviation_ms = lower.deviation_ms;
  lower.tries = tries(low.record_ms, answer.asked_ms);
  higher.tries = tries(answer.record_ms, high.asked_ms);
  if (at < answers_.size()) {
    answers_[at] = higher;
  } else {
    last_ = higher;
  }
  answers_.insert(answers_.begin() + static_cast<ptrdiff_t>(at), lower);
}

size_t PartitionSearch::first_above(int64_t offset) const {
  const auto above = std::upper_bound(answers_.begin(), answers_.end(), offset,
                                      [](int64_t value, const Answer& answer) { return value < answer.offset; });
  return static_cast<size_t>(above - answers_.begin());
}

PartitionSearch::Answer PartitionSearch::upper(size_t above) const {
  if (above < answers_.size()) return answers_[above];
  Answer end = last_;
  if (end.offset == 0) end = {end_offset_, now_ms_ + 1, -1};
  return end;
}

std::optional<std::optional<int64_t>> PartitionSearch::result_of(int64_t offset) const {
  using Found = std::optional<int64_t>;
  if (offset >= end_offset_) return Found();
  if (answers_.empty()) return {};
  const Answer& oldest = answers_.front();
  if (oldest.record_ms < 0) return Found();  // no record has a valid timestamp
  const auto found = [&](int64_t ms) { return ms > now_ms_ + kClockSkewMs ? Found() : Found(std::min(ms, now_ms_)); };
  const size_t above = first_above(offset);
  if (above == 0) return found(oldest.record_ms);  // earlier records were deleted
  const Answer& low = answers_[above - 1];
  if (low.offset == offset || low.record_ms > now_ms_) return found(low.record_ms);
  const Answer high = upper(above);
  const int64_t guess = interpolated(low, high, offset);
  const int64_t tolerance = tolerance_ms(high.asked_ms);
  if (high.asked_ms - low.record_ms <= 2 * tolerance) {
    if (compacted_ && high.record_ms - high.asked_ms > tolerance) return found(high.record_ms);
    return found(std::clamp(guess, high.asked_ms - tolerance, low.record_ms + tolerance));
  }
  if (high.straight >= kStraight && high.record_ms >= 0 && high.deviation_ms <= tolerance_ms(guess) / 4)
    return found(guess);
  return {};
}

void PartitionSearch::move_results() {
  std::erase_if(wanted_, [&](int64_t offset) {
    const auto result = result_of(offset);
    if (result) results_.emplace_back(offset, *result);
    return result.has_value();
  });
}

int64_t PartitionSearch::interpolated(const Answer& low, const Answer& high, int64_t offset) const {
  const int64_t high_ms = high.record_ms >= 0 ? high.record_ms : high.asked_ms;
  const double part = static_cast<double>(offset - low.offset) / static_cast<double>(high.offset - low.offset);
  const auto guess = low.record_ms + static_cast<int64_t>(part * static_cast<double>(high_ms - low.record_ms));
  return std::min({guess, high.asked_ms, now_ms_});
}

int64_t PartitionSearch::halved(int64_t low_ms, int64_t high_ms) const {
  const double youngest = static_cast<double>(now_ms_ - high_ms) + 1000;
  const double oldest = static_cast<double>(now_ms_ - low_ms) + 1000;
  return now_ms_ + 1000 - static_cast<int64_t>(std::sqrt(std::max(1.0, youngest) * std::max(1.0, oldest)));
}

double PartitionSearch::log_width(int64_t low_ms, int64_t high_ms) const {
  const auto age = [&](int64_t ms) { return static_cast<double>(std::max<int64_t>(0, now_ms_ - ms) + kToleranceMs); };
  return std::log(age(low_ms) / age(high_ms));
}

int64_t PartitionSearch::tolerance_ms(int64_t timestamp) const {
  return std::max(kToleranceMs, (now_ms_ - timestamp) / kTolerancePart);
}

}  // namespace kafkascope::analysis
