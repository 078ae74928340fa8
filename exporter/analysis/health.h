#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "model/snapshot.h"

namespace kafkascope::analysis {

/// Since when a result is held whose inputs are held since then; the clock's epoch is fresh.
inline model::Time held_since(model::Time a, model::Time b) {
  return a == model::Time{} || b == model::Time{} ? std::max(a, b) : std::min(a, b);
}

/// What can be wrong with a partition. What is offline is nothing else.
enum class Problem : uint8_t {
  kOffline,             ///< It has no leader.
  kUnderMinIsr,         ///< Fewer replicas are in sync than producers with acks=all need.
  kAtMinIsr,            ///< Just as many, and not all replicas: one more failure stops them.
  kUnderReplicated,     ///< Some replica is not in sync.
  kNotPreferredLeader,  ///< Led by another replica than its first.
  kReassigning          ///< Its replicas are being moved.
};

inline constexpr std::array<std::string_view, 6> kProblemNames{
    "offline", "under_min_isr", "at_min_isr", "under_replicated", "not_preferred_leader", "reassigning"};

inline std::string_view name(Problem problem) { return kProblemNames[static_cast<size_t>(problem)]; }

struct PartitionProblem {
  model::PartitionRef partition;
  Problem problem;

  bool operator==(const PartitionProblem&) const = default;
};

struct TopicHealth {
  /// How many of its partitions have each problem; held when what it is judged by is. Not known: the minima of the ISR
  /// without the topic's settings, and what is reassigned while the controller does not tell.
  std::array<model::Value, kProblemNames.size()> problems;

  const model::Value& operator[](Problem problem) const { return problems[static_cast<size_t>(problem)]; }
};

struct Health {
  std::vector<TopicHealth> topics;         ///< By topic index.
  std::vector<PartitionProblem> problems;  ///< Sorted by partition, then as in the enumeration.
};

/// The health of all partitions, as their brokers reckon it.
Health health(const model::Snapshot& snapshot);

/// What a broker has to do with the partitions.
struct BrokerLoad {
  int64_t leader = 0;            ///< It leads them.
  int64_t preferred_leader = 0;  ///< It is their first replica.
  int64_t replicas = 0;
  int64_t out_of_sync = 0;  ///< Replicas of it that are not in the ISR.

  bool operator==(const BrokerLoad&) const = default;
};

/// Of every broker that we have heard of. Empty without metadata.
std::map<int32_t, BrokerLoad> broker_loads(const model::Snapshot& snapshot);

}  // namespace kafkascope::analysis
