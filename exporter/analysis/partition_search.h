#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace kafkascope::analysis {

/// Finds in a partition's time index when the records at several offsets were appended. One question a round:
/// ListOffsets with next_timestamp(), which is answered with the first record of this timestamp or a later one. All
/// offsets share every answer. Timestamps are in milliseconds since 1970. The index knows only the largest timestamp so
/// far: where a producer's clock went back, a record counts as appended when those before it were.
class PartitionSearch {
 public:
  /// An offset and when its record was appended; nothing when the index does not have it, as when a record up to this
  /// one claims to be from the future.
  using Result = std::pair<int64_t, std::optional<int64_t>>;

  /// Sets what to search for: records at `offsets`, sorted, below `end_offset`. Answers to earlier questions are kept.
  /// `compacted`: a record may be gone, and the next one counts.
  void want(std::vector<int64_t> offsets, int64_t end_offset, int64_t now_ms, bool compacted);

  /// Whether all results are there.
  bool done() const { return wanted_.empty(); }

  /// The question that narrows most of the offsets. REQUIRES: !done().
  int64_t next_timestamp() const;

  /// Adds the answer to a question; -1 and -1: there is no such record.
  void add_answer(int64_t asked_ms, int64_t offset, int64_t timestamp);

  /// Moves out the results since the last call. Each is within 4% of the age or 2 s.
  std::vector<Result> take_results() { return std::exchange(results_, {}); }

 private:
  /// All records below `offset` are older than `asked_ms`, and the one at `offset` is of `record_ms`. The other
  /// members describe the stretch from the answer before to this one.
  struct Answer {
    int64_t offset, asked_ms;
    int64_t record_ms;         ///< -1: there was none; `offset` was the end.
    int64_t deviation_ms = 0;  ///< How far the last answer within was off the straight line.
    uint8_t straight = 0;      ///< How many answers in a row were on the straight line, each dividing the stretch.
    uint8_t tries = 0;         ///< Questions in a row that hardly narrowed it.
  };

  /// Returns the first answer above `offset`; answers_.size(): the end.
  size_t first_above(int64_t offset) const;
  /// Returns the stretch that ends at an index of first_above(), not 0.
  Answer upper(size_t above) const;
  int64_t tolerance_ms(int64_t timestamp) const;
  /// Returns when a record was appended if records came evenly between two answers.
  int64_t interpolated(const Answer& low, const Answer& high, int64_t offset) const;
  /// Returns the middle between two timestamps on a logarithmic scale of ages.
  int64_t halved(int64_t low_ms, int64_t high_ms) const;
  /// Returns the width of a stretch on that scale.
  double log_width(int64_t low_ms, int64_t high_ms) const;
  /// Returns the result for an offset once it is certain enough; an empty outer optional: not yet.
  std::optional<std::optional<int64_t>> result_of(int64_t offset) const;
  void insert(const Answer& answer);
  void move_results();

  std::vector<int64_t> wanted_;  ///< Unfinished offsets, sorted.
  std::vector<Answer> answers_;  ///< Sorted by offset, which sorts the timestamps, too.
  std::vector<Result> results_;
  int64_t end_offset_ = 0, now_ms_ = 0;
  Answer last_{};      ///< The stretch between the last answer and the end.
  int fruitless_ = 0;  ///< Answers in a row that contradicted others.
  bool compacted_ = false;
};

}  // namespace kafkascope::analysis
