#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model/cluster.h"
#include "model/connection.h"
#include "model/group.h"
#include "model/time.h"

namespace kafkascope::model {

/// A number to publish: fresh, or held at its last good value since the first read of it that failed.
struct Value {
  static constexpr int64_t kUnknown = -1;

  int64_t value = kUnknown;
  Time failing_since{};  ///< Epoch: fresh.

  bool known() const { return value != kUnknown; }
  bool held() const { return known() && failing_since != Time{}; }
  bool fresh() const { return known() && failing_since == Time{}; }
  bool operator==(const Value&) const = default;
};

/// A partition that a group has committed an offset on.
struct GroupPartition {
  PartitionRef partition;
  Value committed;
  Value lag;  ///< Computed from a fresh commit and a fresh end offset, or held as it was computed then.
};

struct GroupSnapshot {
  Group group;
  Time failing_since{};                    ///< Epoch: listed in the last poll.
  std::vector<GroupPartition> partitions;  // sorted

  bool held() const { return failing_since != Time{}; }
};

struct BrokerSnapshot {
  bool up = false;
  Time last_seen{};  ///< In the metadata's brokers or in a replica list.
};

/// All there is to publish of one cluster. Made by analysis::advance() from the one before and a poll's facts.
struct Snapshot {
  Time at{};
  bool up = false;  ///< The last poll got the cluster's metadata.

  std::shared_ptr<const Metadata> metadata;  ///< Null: not known, or no longer held.
  Time metadata_failing_since{};

  std::map<int32_t, BrokerSnapshot> brokers;  ///< Every broker heard of in the last hour.
  std::vector<Value> latest, earliest;        ///< By partition number.
  std::vector<GroupSnapshot> groups;          // sorted by id
  Statistics statistics;
  std::map<std::string, uint64_t> requests;  ///< Raw requests since the start, by Kafka's name.

  bool metadata_held() const { return metadata && metadata_failing_since != Time{}; }
};

}  // namespace kafkascope::model
