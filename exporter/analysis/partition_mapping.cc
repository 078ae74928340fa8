#include "analysis/partition_mapping.h"

namespace kafkascope::analysis {

using model::kNoTopic;
using model::Metadata;

bool same_topic(const model::TopicId& a, const model::TopicId& b) {
  constexpr model::TopicId kNone{};
  return a == b || a == kNone || b == kNone;
}

PartitionMapping::PartitionMapping(const Metadata* before, const Metadata& now)
    : same_(before && (before == &now || model::same_partitions(*before, now))) {
  if (same_) return;
  old_partitions_.assign(now.partition_count, UINT32_MAX);
  old_topics_.assign(now.topics.size(), kNoTopic);
  recreated_.assign(now.topics.size(), false);
  if (!before) return;
  for (const auto& topic : now.topics) sizes_.push_back(static_cast<uint32_t>(topic.partitions.size()));
  for (const auto& old : before->topics) {
    const uint32_t index = model::find_topic(now, old.name);
    if (index == kNoTopic || !same_topic(now.topics[index].id, old.id)) {
      new_topics_.push_back(kNoTopic);
      if (index != kNoTopic) recreated_[index] = true;
      continue;
    }
    old_topics_[index] = static_cast<uint32_t>(new_topics_.size());
    new_topics_.push_back(index);
    const auto& topic = now.topics[index];
    for (uint32_t p = 0; p < topic.partitions.size() && p < old.partitions.size(); ++p)
      old_partitions_[topic.first_partition + p] = old.first_partition + p;
  }
}

bool PartitionMapping::map_partition(model::PartitionRef& ref) const {
  if (same_) return true;
  if (ref.topic >= new_topics_.size() || new_topics_[ref.topic] == kNoTopic) return false;
  ref.topic = new_topics_[ref.topic];
  return static_cast<uint32_t>(ref.partition) < sizes_[ref.topic];
}

}  // namespace kafkascope::analysis
