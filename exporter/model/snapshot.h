#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/certificates.h"
#include "model/cluster.h"
#include "model/cluster_changes.h"
#include "model/connection.h"
#include "model/features.h"
#include "model/group.h"
#include "model/log_dirs.h"
#include "model/offset_history.h"
#include "model/poll_result.h"
#include "model/progress.h"
#include "model/quorum.h"
#include "model/record_times.h"
#include "model/time.h"
#include "model/topic_settings.h"
#include "model/transactions.h"
#include "model/value.h"

namespace kafkascope::model {

/// A response to publish: fresh, or held since the first failed read.
template <class T>
struct Cached {
  std::optional<T> value;
  Time failing_since{};  ///< Epoch: fresh.

  bool held() const { return value && failing_since != Time{}; }
  const T* operator->() const { return &*value; }
  explicit operator bool() const { return value.has_value(); }
};

/// A partition that a group has committed an offset on.
struct GroupPartition {
  static constexpr float kUnknown = -1;

  PartitionRef partition;
  Value committed;
  Value lag;              ///< Computed from a fresh commit and a fresh end offset, or held.
  Value stable_lag = {};  ///< Lag behind the last stable offset; unknown if that is not requested.
  /// The last offset read, even if it is no longer held.
  int64_t last_committed = Value::kUnknown;
  /// Offsets deleted before they were consumed; held with the commit.
  int64_t lost = 0;
  /// Committed offset - end offset, both fresh; 0: not ahead. Negated while observed in one poll only.
  int64_t ahead = 0;
  /// Age of the oldest record that is not committed; held with the lag.
  float lag_seconds = kUnknown;
  /// Part of the retention that this record has used, 1: about to be deleted; held with the lag.
  float retention_used = kUnknown;
  Progress progress = {};
};

struct GroupSnapshot {
  Group group;
  Time failing_since{};                    ///< Epoch: listed in the last poll.
  bool shown = true;                       ///< false: not published, because no value is known or held.
  bool offsets_known = false;              ///< Its committed offsets were read at least once.
  std::string last_state;                  ///< The last known state, even if it is no longer held.
  Time state_since{};                      ///< When it was first seen; epoch: no state was ever known.
  Time empty_since{};                      ///< Epoch: it has members. Unchanged while membership is unknown.
  uint64_t membership_changes = 0;         ///< Since the start.
  std::vector<GroupPartition> partitions;  // sorted

  bool held() const { return failing_since != Time{}; }
};

struct ShareGroupSnapshot {
  struct Row {
    PartitionRef partition;
    Value start_offset, lag;
  };

  ShareGroup group;
  Time failing_since{};  ///< Epoch: listed in the last poll.
  std::vector<Row> rows;

  bool held() const { return failing_since != Time{}; }
};

struct BrokerSnapshot {
  bool up = false;
  Time last_seen{};  ///< In the metadata's brokers or in a replica list.
};

/// Changes of a topic observed between polls.
struct TopicChanges {
  uint64_t leader_changes = 0, isr_shrinks = 0, isr_expands = 0, unclean_elections = 0;
};

/// Everything to publish for one cluster, and the state kept for the next poll. Made by analysis::next_snapshot().
struct Snapshot {
  Time at{};
  double unix_zero = 0;      ///< Unix time in seconds at which Time is 0.
  bool up = false;           ///< The last poll got the cluster's metadata.
  double poll_seconds = -1;  ///< How long the last poll took to get its answers; negative: unknown.

  std::shared_ptr<const Metadata> metadata;  ///< Null: unknown, or no longer held.
  Time metadata_failing_since{};
  /// The last metadata read. Topic indices and partition numbers refer to it. Null: never read.
  std::shared_ptr<const Metadata> numbering;

  std::map<int32_t, BrokerSnapshot> brokers;  ///< All brokers seen in the last hour.
  std::map<int32_t, Value> replica_lags;      ///< Records that replicas are behind, by live broker.
  std::optional<int32_t> controller;
  Cached<Quorum> quorum;
  Cached<std::vector<PartitionRef>> reassigning;       // sorted
  std::map<int32_t, Cached<LogDirs>> log_dirs;         ///< By broker.
  std::map<int32_t, Cached<BrokerFeatures>> features;  ///< By broker.
  Cached<int64_t> offsets_retention_ms;                ///< How long Kafka keeps the offsets of an empty group.

  int64_t max_transaction_ms = kDefaultMaxTransactionMs;  ///< The brokers' transaction.max.timeout.ms.
  Cached<std::map<std::string, int64_t>> transaction_states;
  Cached<double> oldest_transaction_seconds;         ///< 0: none is open.
  std::map<uint32_t, HangingTransaction> hanging;    ///< By partition number.
  std::vector<TransactionEvent> transaction_events;  ///< Of the last background run.

  ClusterChanges cluster_changes;
  std::vector<TopicChanges> changes;            ///< By topic index.
  std::vector<Cached<TopicSettings>> settings;  ///< By topic index.
  std::vector<bool> settings_state;             ///< By topic index: whether they were ever read.

  std::vector<Value> latest, earliest, last_stable;  ///< By partition number; last_stable may be empty.
  std::vector<RecordTimes> record_times;             ///< By partition number; empty: never read.
  std::vector<StableOffset> stable_offsets;          ///< By partition number; empty: never read.
  std::vector<int32_t> last_leaders;                 ///< By partition number: last known leader, if any.
  std::vector<OffsetHistory> offset_history;         ///< By partition number.
  /// By partition number: the offset of a record, and whether it is a transaction marker.
  std::map<uint32_t, std::pair<int64_t, bool>> markers;
  std::map<uint32_t, std::vector<int32_t>> eligible;  ///< See PollResult.
  std::vector<uint32_t> eligible_unknown;

  std::vector<GroupSnapshot> groups;             // sorted by id
  std::vector<ShareGroupSnapshot> share_groups;  // sorted by id
  Statistics statistics;
  Certificates certificates;
  std::map<std::string, uint64_t> requests;      ///< Raw requests since the start, by Kafka's name.
  std::map<std::string, uint64_t> own_requests;  ///< See BackgroundResult.

  /// Returns Unix time in seconds, rounded to a tenth.
  double unix_time(Time time) const {
    return std::round((unix_zero + std::chrono::duration<double>(time.time_since_epoch()).count()) * 10) / 10;
  }
  bool metadata_held() const { return metadata && metadata_failing_since != Time{}; }
};

}  // namespace kafkascope::model
