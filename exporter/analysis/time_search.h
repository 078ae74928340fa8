#pragma once

#include <cstdint>
#include <optional>

namespace kafkascope::analysis {

/// Finds out from the broker's time index when the record at an offset was appended. One question a round: ListOffsets
/// with next_timestamp(), which is answered with the first record that has this timestamp or a later one. Timestamps in
/// milliseconds since 1970. The index knows the largest timestamp so far only: where producers' clocks go back, a
/// record counts as appended no earlier than those before it.
class TimeSearch {
 public:
  static constexpr int kMaxRounds = 16;

  /// For the record at `offset`, below `end_offset`. `compacted`: it may be gone, and the next one counts.
  TimeSearch(int64_t offset, int64_t end_offset, int64_t now_ms, bool compacted);

  int64_t offset() const { return offset_; }
  bool done() const { return done_; }
  int rounds() const { return rounds_; }

  /// REQUIRES: !done().
  int64_t next_timestamp() const;

  /// The answer to next_timestamp(); -1 and -1: there is no such record.
  void narrow(int64_t answered_offset, int64_t answered_timestamp);

  /// The best guess so far; nothing before the first answer, and when it cannot be told.
  std::optional<int64_t> best_ms() const;

  /// Once it is done; nothing when it cannot be told, as when a record up to this one claims to be from the future.
  std::optional<int64_t> result_ms() const { return done_ ? best_ms() : std::nullopt; }

 private:
  void finish(std::optional<int64_t> ms);
  int64_t interpolated() const;

  int64_t offset_;
  int64_t now_ms_;
  /// A record below offset_ and its timestamp; -1: none known yet.
  int64_t low_offset_ = -1, low_ms_ = -1;
  /// The first record that is not older than high_ms_, above offset_, and its own timestamp; -1: not known.
  int64_t high_offset_, high_ms_, high_record_ms_ = -1;
  std::optional<int64_t> exact_ms_;
  int64_t width_before_ = 0;  ///< Of the bracket, two rounds ago.
  int64_t width_last_ = 0;    ///< One round ago.
  uint8_t rounds_ = 0;
  bool compacted_;
  bool low_moved_ = false;  ///< The last answer was below.
  bool done_ = false;
};

}  // namespace kafkascope::analysis
