#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace kafkascope::analysis {

/// Finds in a partition's time index when the records at several offsets were appended. Each round sends ListOffsets
/// with next_timestamp(), which returns the first record with this timestamp or a later one. Every response is used for
/// all offsets. Timestamps are in milliseconds since the Unix epoch. The index contains only the largest timestamp so
/// far: if a producer's clock went back, a record counts as appended together with the one before it.
class PartitionSearch {
 public:
  /// An offset and the append time of its record; nothing if the index does not have it, for example because an earlier
  /// record has a timestamp in the future.
  using Result = std::pair<int64_t, std::optional<int64_t>>;

  /// Sets the offsets to search for: sorted, below `end_offset`. Keeps earlier responses. `compacted`: if a record is
  /// gone, the next one is used.
  void want(std::vector<int64_t> offsets, int64_t end_offset, int64_t now_ms, bool compacted);

  /// Returns whether all results are available.
  bool done() const { return wanted_.empty(); }

  /// Returns the timestamp to request next. REQUIRES: !done().
  int64_t next_timestamp() const;

  /// Adds the response; offset and timestamp -1: no such record.
  void add_answer(int64_t asked_ms, int64_t offset, int64_t timestamp);

  /// Returns the results since the last call, each within 4% of the age or 2 s.
  std::vector<Result> take_results() { return std::exchange(results_, {}); }

 private:
  /// All records below `offset` are older than `asked_ms`; the one at `offset` has the timestamp `record_ms`. The other
  /// members describe the stretch from the previous answer to this one.
  struct Answer {
    int64_t offset, asked_ms;
    int64_t record_ms;         ///< -1: no record; `offset` was the end offset.
    int64_t deviation_ms = 0;  ///< Distance of the last answer in the stretch from the straight line.
    uint8_t straight = 0;      ///< Successive answers on the straight line.
    uint8_t tries = 0;         ///< Successive requests that hardly narrowed the stretch.
  };

  /// Returns the index of the first answer above `offset`; answers_.size(): none.
  size_t first_above(int64_t offset) const;
  /// Returns the stretch that ends at an index of first_above(). REQUIRES: not 0.
  Answer upper(size_t above) const;
  int64_t tolerance_ms(int64_t timestamp) const;
  /// Interpolates the append time of a record between two answers.
  int64_t interpolated(const Answer& low, const Answer& high, int64_t offset) const;
  /// Returns the middle between two timestamps on a logarithmic scale of ages.
  int64_t halved(int64_t low_ms, int64_t high_ms) const;
  /// Returns the width of a stretch on that scale.
  double log_width(int64_t low_ms, int64_t high_ms) const;
  /// Returns the result for an offset; the outer optional is empty until it is certain enough.
  std::optional<std::optional<int64_t>> result_of(int64_t offset) const;
  void insert(const Answer& answer);
  void move_results();

  std::vector<int64_t> wanted_;  ///< Unfinished offsets, sorted.
  std::vector<Answer> answers_;  ///< Sorted by offset, which sorts the timestamps, too.
  std::vector<Result> results_;
  int64_t end_offset_ = 0, now_ms_ = 0;
  Answer last_{};      ///< The stretch between the last answer and the end.
  int fruitless_ = 0;  ///< Successive contradictory answers.
  bool compacted_ = false;
};

}  // namespace kafkascope::analysis
