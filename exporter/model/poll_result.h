#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/certificates.h"
#include "model/cluster.h"
#include "model/collector.h"
#include "model/connection.h"
#include "model/features.h"
#include "model/group.h"
#include "model/log_dirs.h"
#include "model/quorum.h"
#include "model/record_times.h"
#include "model/time.h"
#include "model/topic_settings.h"
#include "model/transactions.h"

namespace kafkascope::model {

inline constexpr int64_t kFailedOffset = -1;        ///< Requested, but the request failed.
inline constexpr int64_t kNotRequestedOffset = -2;  ///< Not due in this poll.

/// State of a request that is not part of every poll or not supported by every broker.
enum class ReadState : uint8_t { kNotRequested, kFailed, kOk };

/// A group and its committed offsets.
struct GroupResult {
  Group group;
  bool left_out = false;  ///< Had no members for too long: its offsets were not requested.
  bool offsets_read = false;
  std::vector<Commit> commits;       // sorted by partition
  std::vector<PartitionRef> unread;  ///< Partitions whose committed offset the coordinator did not return; sorted.
};

struct ShareRow {
  PartitionRef partition;
  int64_t start_offset;  ///< -1: none
  int64_t lag;           ///< -1: not reported
};

struct ShareGroupResult {
  ShareGroup group;
  bool offsets_read = false;
  std::vector<ShareRow> rows;  // sorted by partition
};

/// The log end offset of a replica that is not in sync.
struct ReplicaEnd {
  int32_t broker;
  uint32_t partition;  ///< Partition number.
  int64_t offset;

  auto operator<=>(const ReplicaEnd&) const = default;
};

/// The results and failures of one poll.
struct PollResult {
  Time at;
  WallTime wall;

  bool metadata_read = false;
  /// This poll's metadata, or the last one if it could not be read. Topic indices and partition numbers refer to it.
  /// Null: never read.
  std::shared_ptr<const Metadata> metadata;
  std::vector<int32_t> answered;  ///< Brokers that responded in this poll; sorted.
  /// Eligible leader replicas (KIP-966) by partition number. Other partitions have none.
  std::map<uint32_t, std::vector<int32_t>> eligible;
  std::vector<uint32_t> eligible_unknown;  ///< Indices of topics whose eligible replicas are unknown; sorted.

  std::vector<int64_t> latest, earliest;  ///< By partition number: an offset, kFailedOffset or kNotRequestedOffset.
  std::vector<int64_t> last_stable;       ///< Like `latest`; empty: not enabled.
  /// Of replicas that the metadata does not list as in sync, on live brokers; those that could not be read are missing.
  std::vector<ReplicaEnd> replica_ends;  // sorted

  std::vector<GroupResult> groups;         ///< Sorted by id.
  std::vector<std::string> failed_groups;  ///< Known groups whose existence could not be checked; sorted.

  std::vector<ShareGroupResult> share_groups;    ///< Sorted by id.
  std::vector<std::string> failed_share_groups;  ///< Like failed_groups.

  std::optional<int32_t> controller;
  ReadState quorum_state = ReadState::kNotRequested;
  Quorum quorum;
  ReadState reassignments_state = ReadState::kNotRequested;
  std::vector<PartitionRef> reassigning;  // sorted

  std::vector<CollectorRun> runs;
  std::map<std::string_view, uint64_t> requests;  ///< Raw requests sent in this poll, by Kafka's name.
  Statistics statistics;
  Certificates certificates;
};

/// The next record that a group will read; its age is the lag in seconds.
struct RecordPosition {
  uint32_t partition;  ///< Partition number.
  int64_t offset;

  auto operator<=>(const RecordPosition&) const = default;
};

/// A record whose timestamp is looked up in the brokers' time index.
struct TimestampQuery {
  RecordPosition record;
  int64_t end_offset;
  bool compacted;  ///< The topic is compacted: if the record is gone, the next one is used.
};

/// Results of the slow collectors that run between polls.
struct BackgroundResult {
  Time at;
  WallTime wall;

  /// By topic index; empty: not requested.
  std::vector<ReadState> settings_state;
  std::vector<TopicSettings> settings;

  ReadState offsets_retention_state = ReadState::kNotRequested;
  int64_t offsets_retention_ms = 0;
  int64_t max_transaction_ms = 0;  ///< 0: not known.

  std::map<int32_t, std::optional<LogDirs>> log_dirs;  ///< By broker; nothing: the request failed.

  /// Append times of records from the brokers' time index. Nothing: not available.
  std::vector<std::pair<RecordPosition, std::optional<Time>>> appended;
  int rounds = 0;  ///< Rounds of requests to the time index.
  /// Whether a record is a transaction marker. false also if the topic may not be read.
  std::vector<std::pair<RecordPosition, bool>> markers;

  /// Of the partitions whose newest or oldest record was requested.
  std::vector<RecordTime> newest, oldest;
  std::optional<TransactionsResult> transactions;
  std::map<int32_t, std::optional<BrokerFeatures>> features;  ///< By broker; nothing: the request failed.

  std::vector<CollectorRun> runs;
  std::map<std::string_view, uint64_t> requests;
  /// Requests that librdkafka's background client sent by itself since the start.
  std::map<std::string, uint64_t> own_requests;
};

}  // namespace kafkascope::model
