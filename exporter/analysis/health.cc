#include "analysis/health.h"

#include <algorithm>
#include <span>

#include "analysis/hold.h"

namespace kafkascope::analysis {
namespace {

using model::BrokerLoad;
using model::Partition;
using model::PartitionRef;
using model::Problem;
using model::Time;
using model::Topic;
using model::Value;

bool contains(std::span<const int32_t> ids, int32_t id) { return std::find(ids.begin(), ids.end(), id) != ids.end(); }

/// Calls found(problem) for each problem except kReassigning. `settings`: null if unknown.
template <class Found>
void find_problems(const Topic& topic, const Partition& partition, const model::TopicSettings* settings,
                   const Found& found) {
  if (partition.leader == model::kNoBroker) {
    found(Problem::kOffline);
    return;
  }
  if (settings) {
    const int32_t needed = std::min<int32_t>(settings->min_in_sync, partition.replicas);
    if (partition.in_sync < needed) found(Problem::kUnderMinIsr);
    if (partition.in_sync == needed && partition.in_sync < partition.replicas) found(Problem::kAtMinIsr);
  }
  if (partition.in_sync < partition.replicas) found(Problem::kUnderReplicated);
  if (partition.replicas > 0 && topic.replicas(partition).front() != partition.leader)
    found(Problem::kNotPreferredLeader);
}

}  // namespace

model::Health health(const model::Snapshot& snapshot) {
  model::Health health;
  if (!snapshot.metadata) return health;
  const auto& topics = snapshot.metadata->topics;
  const Time since = snapshot.metadata_failing_since;
  const auto& moving = snapshot.reassigning;
  auto next = moving ? moving->begin() : std::vector<PartitionRef>::const_iterator{};

  health.topics.resize(topics.size());
  for (uint32_t t = 0; t < topics.size(); ++t) {
    const auto count = [&](Problem problem) -> Value& {
      return health.topics[t].problems[static_cast<size_t>(problem)];
    };
    const model::TopicSettings* settings = nullptr;
    count(Problem::kOffline) = count(Problem::kUnderReplicated) = count(Problem::kNotPreferredLeader) = {0, since};
    if (t < snapshot.settings.size() && snapshot.settings[t]) {
      settings = &*snapshot.settings[t].value;
      count(Problem::kUnderMinIsr) =
          count(Problem::kAtMinIsr) = {0, held_since(since, snapshot.settings[t].failing_since)};
    }
    if (moving) count(Problem::kReassigning) = {0, held_since(since, moving.failing_since)};

    for (uint32_t p = 0; p < topics[t].partitions.size(); ++p) {
      const Partition& partition = topics[t].partitions[p];
      const PartitionRef ref{t, static_cast<int32_t>(p)};
      find_problems(topics[t], partition, settings, [&](Problem problem) {
        ++count(problem).value;
        health.problems.push_back({ref, problem});
      });
      if (!moving) continue;
      while (next != moving->end() && *next < ref) ++next;
      if (next == moving->end() || *next != ref) continue;
      ++count(Problem::kReassigning).value;
      if (partition.leader != model::kNoBroker) health.problems.push_back({ref, Problem::kReassigning});
    }
  }
  return health;
}

std::map<int32_t, BrokerLoad> broker_loads(const model::Snapshot& snapshot) {
  std::map<int32_t, BrokerLoad> loads;
  if (!snapshot.metadata) return loads;
  for (const auto& [id, broker] : snapshot.brokers) loads[id];
  for (const auto& broker : snapshot.metadata->brokers) loads[broker.id];
  for (const Topic& topic : snapshot.metadata->topics) {
    for (const Partition& partition : topic.partitions) {
      const auto replicas = topic.replicas(partition);
      if (partition.leader != model::kNoBroker) ++loads[partition.leader].leader;
      if (!replicas.empty()) ++loads[replicas.front()].preferred_leader;
      for (const int32_t id : replicas) {
        BrokerLoad& load = loads[id];
        ++load.replicas;
        if (!contains(topic.in_sync(partition), id)) ++load.out_of_sync;
      }
    }
  }
  return loads;
}

}  // namespace kafkascope::analysis
