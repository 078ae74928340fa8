#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/group.h"
#include "model/progress.h"
#include "model/snapshot.h"

namespace kafkascope::model {

/// Problems of a partition. An offline partition has no other problem.
enum class Problem : uint8_t {
  kOffline,             ///< No leader.
  kUnderMinIsr,         ///< Fewer in-sync replicas than producers with acks=all need.
  kAtMinIsr,            ///< At the minimum with a replica out of sync: one more failure stops writes.
  kUnderReplicated,     ///< A replica is not in sync.
  kNotPreferredLeader,  ///< The leader is not the first replica.
  kReassigning          ///< A reassignment is in progress.
};

inline constexpr std::array<std::string_view, 6> kProblemNames{
    "offline", "under_min_isr", "at_min_isr", "under_replicated", "not_preferred_leader", "reassigning"};

inline std::string_view name(Problem problem) { return kProblemNames[static_cast<size_t>(problem)]; }

struct PartitionProblem {
  PartitionRef partition;
  Problem problem;

  bool operator==(const PartitionProblem&) const = default;
};

struct TopicHealth {
  /// Number of partitions with each problem; held if an input is. Unknown if the topic's settings (minimum ISR) or the
  /// reassignments are.
  std::array<Value, kProblemNames.size()> problems;

  const Value& operator[](Problem problem) const { return problems[static_cast<size_t>(problem)]; }
};

struct Health {
  std::vector<TopicHealth> topics;         ///< By topic index.
  std::vector<PartitionProblem> problems;  ///< Sorted by partition, then as in the enumeration.
};

/// Numbers of a broker's partitions.
struct BrokerLoad {
  int64_t leader = 0;
  int64_t preferred_leader = 0;  ///< It is the first replica.
  int64_t replicas = 0;
  int64_t out_of_sync = 0;  ///< Its replicas that are not in the ISR.

  bool operator==(const BrokerLoad&) const = default;
};

/// What would happen to partitions if a broker stopped. Unknown while one of them is.
struct RestartImpact {
  Value stops;          ///< Partitions that have a leader and would have none.
  Value under_min_isr;  ///< Partitions that would keep a leader but fall below the minimum ISR.
};

/// Bytes of logs, from the brokers' log directories; held if one of these is.
struct LogSizes {
  std::vector<Value> topics;      ///< By topic index: all assigned replicas; unknown while one of them is.
  std::vector<Value> partitions;  ///< By partition number: the leader's replica.
};

/// Timestamps in milliseconds since the Unix epoch, by topic index; unknown: no record, or not known for any partition.
struct RecordTimeFigures {
  std::vector<Value> newest, oldest;
};

struct TopicTransactions {
  Value hanging;            ///< Partitions with a hanging transaction; unknown while a last stable offset is.
  double held_seconds = 0;  ///< Of the partition whose last stable offset has stood still for longest.
};
using TransactionFigures = std::vector<TopicTransactions>;  ///< By topic index.

/// A topic that a group has committed on or has assigned to a member.
struct GroupTopic {
  uint32_t topic;
  uint32_t first_row, rows;           ///< Its part of GroupSnapshot::partitions.
  uint32_t first_assigned, assigned;  ///< Its part of Group::assigned.
  Value committed, lag, stable_lag;   ///< Sums over the partitions; unknown while one part is, held while one is.
  Value uncommitted;                  ///< Number of partitions without a commit; unknown while a commit is.
  std::optional<Status> status;       ///< The worst of the partitions; nothing while it is not known.
};

struct GroupFigures {
  Value max_lag;  ///< The largest of the partitions whose lag is known.
  /// Part of the time after which Kafka deletes the offsets of an empty group that has passed, 0: not empty; negative:
  /// unknown, or no offsets.
  double offset_retention_used = -1;
  uint32_t first_topic = 0, topics = 0;  ///< Its part of Figures::group_topics.
};

/// Names and values of labels from the configuration.
using Labels = std::vector<std::pair<std::string, std::string>>;

/// A topic that takes records which could not be processed.
struct DeadLetterTopic {
  uint32_t topic;
  std::string of;  ///< The topic or group that they come from; empty: unknown.
};

/// Values computed from a snapshot's fresh and held values when it is published.
struct Figures {
  Health health;
  std::map<int32_t, BrokerLoad> broker_loads;        ///< All known brokers. Empty without metadata.
  std::map<int32_t, RestartImpact> restart_impacts;  ///< Live brokers. Empty without metadata.
  LogSizes log_sizes;
  RecordTimeFigures record_times;
  TransactionFigures transactions;
  std::vector<GroupFigures> groups;      ///< By index in Snapshot::groups; empty for groups that are not shown.
  std::vector<GroupTopic> group_topics;  ///< By group, then sorted by topic; one list to save allocations.
  /// By topic index, and by index in Snapshot::groups; empty: none are configured.
  std::vector<Labels> topic_labels, group_labels;
  std::vector<DeadLetterTopic> dead_letters;  // sorted by topic
};

}  // namespace kafkascope::model
