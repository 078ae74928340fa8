#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "model/cluster.h"
#include "model/group.h"

namespace kafkascope::analysis {

/// Returns whether topics of the same name are the same topic. Brokers before Kafka 2.8 report no ids. During an
/// upgrade ids appear, or appear and disappear, for the same topics.
bool same_topic(const model::TopicId& a, const model::TopicId& b);

/// Maps topics and partitions of the last metadata to the current one. A topic that was re-created (other id) is a new
/// topic, so that none of the old one's values are held.
class PartitionMapping {
 public:
  /// `before`: may be null.
  PartitionMapping(const model::Metadata* before, const model::Metadata& now);

  /// Returns whether topics and partitions are the same.
  bool same() const { return same_; }

  /// Returns a partition's old number; UINT32_MAX: new.
  uint32_t old_partition(uint32_t partition) const { return same_ ? partition : old_partitions_[partition]; }

  /// Returns a topic's old index; kNoTopic: new.
  uint32_t old_topic(uint32_t topic) const { return same_ ? topic : old_topics_[topic]; }

  /// Returns whether the topic was re-created: all its records are newer than the old metadata.
  bool recreated(uint32_t topic) const { return !same_ && recreated_[topic]; }

  /// Reorder values by topic index or partition number. New ones get a default value.
  template <class T>
  std::vector<T> topics(std::vector<T>&& before, size_t count) const {
    return moved(std::move(before), count, [this](size_t i) { return old_topic(static_cast<uint32_t>(i)); });
  }
  template <class T>
  std::vector<T> partitions(std::vector<T>&& before, size_t count) const {
    return moved(std::move(before), count, [this](size_t i) { return old_partition(static_cast<uint32_t>(i)); });
  }

  /// Updates an old reference. Returns false if the partition is gone.
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
  std::vector<uint32_t> new_topics_;  ///< By old index; kNoTopic: gone.
  std::vector<uint32_t> old_topics_;  ///< By new index; kNoTopic: new.
  std::vector<bool> recreated_;       ///< By new index.
  std::vector<uint32_t> sizes_;       ///< Numbers of partitions by new index.
};

}  // namespace kafkascope::analysis
