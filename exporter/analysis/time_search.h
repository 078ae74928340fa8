#pragma once

#include <cstdint>
#include <optional>

namespace kafkascope::analysis {

/// Finds out from the broker's time index when the record at an offset was appended. A question a round: ListOffsets
/// with next_timestamp(), which is answered with the first record of this timestamp or a later one. Timestamps are in
/// milliseconds since 1970. The index knows only the largest timestamp so far: where a producer's clock went back, a
/// record counts as appended when those before it were.
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

  /// What another search of the same partition asked, and its answer: it may tell something of this one, too.
  void overhear(int64_t asked, int64_t answered_offset, int64_t answered_timestamp);

  /// The best guess so far. Nothing before the first answer, and when it cannot be told.
  std::optional<int64_t> best_ms() const;

  /// Once it is done. Nothing when it cannot be told, as when a record up to this one claims to be from the future.
  std::optional<int64_t> result_ms() const { return done_ ? result_ms_ : std::nullopt; }

 private:
  void finish(std::optional<int64_t> ms);
  void finish_if_near();
  int64_t interpolated() const;
  int64_t halved() const;

  /// How near low_ms_ and high_ms_ have to be: 1 s or a thousandth of the age; from the ninth round on more and more.
  int64_t tolerance_ms() const;

  int64_t offset_;
  int64_t now_ms_;
  /// A record before ours and its timestamp; -1: not known yet. Ours is no older than that.
  int64_t low_offset_ = -1, low_ms_ = -1;
  /// The first record that is not older than high_ms_, after ours, and its timestamp; -1: not known. Ours is older.
  int64_t high_offset_, high_ms_, high_record_ms_ = -1;
  int64_t width_ = 0, width_before_ = 0;  ///< high_ms_ - low_ms_ before the last round and before the one before it.
  std::optional<int64_t> result_ms_;
  uint8_t rounds_ = 0;
  uint8_t streak_ = 0;      ///< So many last answers lay on the same side of ours.
  bool last_low_ = false;   ///< Which was this.
  bool last_same_ = false;  ///< The last answer was the record that was known already: a gap in time.
  bool compacted_;
  bool done_ = false;
};

}  // namespace kafkascope::analysis
