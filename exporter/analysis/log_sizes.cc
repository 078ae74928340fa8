#include "analysis/log_sizes.h"

#include <algorithm>
#include <cstdint>

#include "analysis/hold.h"

namespace kafkascope::analysis {

model::LogSizes log_sizes(const model::Snapshot& snapshot) {
  model::LogSizes sizes;
  if (!snapshot.metadata) return sizes;
  const auto& topics = snapshot.metadata->topics;
  sizes.topics.assign(topics.size(), {0, snapshot.metadata_failing_since});
  sizes.partitions.resize(snapshot.metadata->partition_count);

  std::vector<size_t> missing(topics.size());  // replicas
  for (size_t t = 0; t < topics.size(); ++t)
    for (const auto& partition : topics[t].partitions) missing[t] += partition.replicas;

  for (const auto& [broker, dirs] : snapshot.log_dirs) {
    if (!dirs) continue;
    const model::Time since = held_since(snapshot.metadata_failing_since, dirs.failing_since);
    for (const auto& replica : dirs->replicas) {
      const auto [t, p] = replica.partition;
      const auto& partition = topics[t].partitions[p];
      const auto assigned = topics[t].replicas(partition);
      // Leftovers of a partition that was moved away are not counted.
      if (std::find(assigned.begin(), assigned.end(), broker) == assigned.end()) continue;
      --missing[t];
      add({replica.bytes, dirs.failing_since}, sizes.topics[t]);
      if (partition.leader == broker) sizes.partitions[topics[t].first_partition + p] = {replica.bytes, since};
    }
  }
  for (size_t t = 0; t < topics.size(); ++t)
    if (missing[t] > 0) sizes.topics[t] = {};
  return sizes;
}

}  // namespace kafkascope::analysis
