#include "model/cluster.h"

#include <algorithm>

namespace kafkascope::model {

uint32_t find_topic(const Metadata& metadata, std::string_view name) {
  const auto& topics = metadata.topics;
  const auto it = std::lower_bound(topics.begin(), topics.end(), name,
                                   [](const Topic& topic, std::string_view name) { return topic.name < name; });
  if (it == topics.end() || it->name != name) return kNoTopic;
  return static_cast<uint32_t>(it - topics.begin());
}

const Topic& topic_of(const Metadata& metadata, uint32_t partition) {
  return *std::prev(
      std::upper_bound(metadata.topics.begin(), metadata.topics.end(), partition,
                       [](uint32_t number, const Topic& topic) { return number < topic.first_partition; }));
}

std::vector<int32_t> out_of_sync(const Topic& topic, const Partition& partition) {
  std::vector<int32_t> behind;
  if (partition.leader == kNoBroker || partition.in_sync >= partition.replicas) return behind;
  const auto in_sync = topic.in_sync(partition);
  for (const int32_t id : topic.replicas(partition))
    if (id != partition.leader && std::find(in_sync.begin(), in_sync.end(), id) == in_sync.end()) behind.push_back(id);
  return behind;
}

bool same_partitions(const Metadata& a, const Metadata& b) {
  return std::equal(a.topics.begin(), a.topics.end(), b.topics.begin(), b.topics.end(),
                    [](const Topic& x, const Topic& y) {
                      return x.partitions.size() == y.partitions.size() && x.id == y.id && x.name == y.name;
                    });
}

}  // namespace kafkascope::model
