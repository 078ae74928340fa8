#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "model/cluster.h"
#include "model/group.h"

namespace kafkascope::analysis {

/// Which topic and partition of the metadata before is which now. A topic that was deleted and made again (its id
/// differs) is another one, so that nothing of the old one is held for the new.
class PartitionMapping {
 public:
  /// `before` null: nothing was known.
  PartitionMapping(const model::Metadata* before, const model::Metadata& now);

  /// Nothing changed.
  bool same() const { return same_; }

  /// The number that a partition had before; UINT32_MAX: it is new.
  uint32_t old_partition(uint32_t partition) const { return same_ ? partition : old_partitions_[partition]; }

  /// The index that a topic had before; kNoTopic: it is new.
  uint32_t old_topic(uint32_t topic) const { return same_ ? topic : old_topics_[topic]; }

  /// Whether a topic of this name and another id was there before: all its records are newer.
  bool recreated(uint32_t topic) const { return !same_ && recreated_[topic]; }

  /// What was known by topic index, or by partition number, numbered as now. What is new has a default value.
  template <class T>
  std::vector<T> topics(std::vector<T>&& before, size_t count) const {
    return moved(std::move(before), count, [this](size_t i) { return old_topic(static_cast<uint32_t>(i)); });
  }
  template <class T>
  std::vector<T> partitions(std::vector<T>&& before, size_t count) const {
    return moved(std::move(before), count, [this](size_t i) { return old_partition(static_cast<uint32_t>(i)); });
  }

  /// Rewrites a reference from before; false when its partition is gone.
  bool map_partition(model::PartitionRef& ref) const;

 private:
  template <class T, class Old>
  std::vector<T> moved(std::vector<T>&& before, size_t count, const Old& old) const {
    if (same_ && before.size() == count) return std::move(before);
    std::vector<T> now(count);
    for (size_t i = 0; i < count; ++i)
      if (const size_t from = old(i); from < before.size()) now[i] = std::move(before[from]);
    return now;
  }

  bool same_;
  std::vector<uint32_t> old_partitions_;
  std::vector<uint32_t> new_topics_;  ///< By the index of before; kNoTopic: gone.
  std::vector<uint32_t> old_topics_;  ///< By the index of now; kNoTopic: new.
  std::vector<bool> recreated_;       ///< By the index of now.
  std::vector<uint32_t> sizes_;       ///< Partitions, by the index of now.
};

}  // namespace kafkascope::analysis
