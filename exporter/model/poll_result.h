#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/cluster.h"
#include "model/collector.h"
#include "model/connection.h"
#include "model/group.h"
#include "model/log_dirs.h"
#include "model/quorum.h"
#include "model/time.h"
#include "model/topic_settings.h"

namespace kafkascope::model {

inline constexpr int64_t kFailedOffset = -1;        ///< Requested, but the request failed.
inline constexpr int64_t kNotRequestedOffset = -2;  ///< Not due in this poll.

/// State of a request that is not part of every poll or not supported by every broker.
enum class ReadState : uint8_t { kNotRequested, kFailed, kOk };

/// A group of this poll and what it has committed.
struct GroupResult {
  Group group;
  bool left_out = false;  ///< Empty for too long: its offsets were not requested.
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

/// The results and failures of one poll.
struct PollResult {
  Time at;
  WallTime wall;

  bool metadata_read = false;
  /// What partitions and topics are numbered by: this poll's metadata, or, where that could not be read, the last one.
  /// Null: there never was any.
  std::shared_ptr<const Metadata> metadata;
  std::vector<int32_t> answered;  ///< Brokers that answered us in this poll; sorted.
  /// Replicas outside the ISR that may lead without loss, by partition number. A partition that is not here has none.
  std::map<uint32_t, std::vector<int32_t>> eligible;
  std::vector<uint32_t> eligible_unknown;  ///< But of these topics it is not known; sorted indices.

  std::vector<int64_t> latest, earliest;  ///< By partition number: an offset, kFailedOffset or kNotRequestedOffset.
  std::vector<int64_t> last_stable;       ///< As `latest`; empty: not wanted.

  std::vector<GroupResult> groups;         ///< Sorted by id.
  std::vector<std::string> failed_groups;  ///< Known groups whose existence could not be checked; sorted.

  std::vector<ShareGroupResult> share_groups;    ///< Sorted by id.
  std::vector<std::string> failed_share_groups;  ///< As failed_groups.

  std::optional<int32_t> controller;
  ReadState quorum_state = ReadState::kNotRequested;
  Quorum quorum;
  ReadState reassignments_state = ReadState::kNotRequested;
  std::vector<PartitionRef> reassigning;  // sorted

  std::vector<CollectorRun> runs;
  std::map<std::string_view, uint64_t> requests;  ///< Raw requests sent in this poll, by Kafka's name.
  Statistics statistics;
};

/// The next record of a group, whose age is needed for lag in seconds.
struct RecordPosition {
  uint32_t partition;  ///< Its number.
  int64_t offset;

  auto operator<=>(const RecordPosition&) const = default;
};

/// A record whose timestamp is looked up in the brokers' time index.
struct TimestampQuery {
  RecordPosition record;
  int64_t end_offset;
  bool compacted;  ///< Its topic is compacted: it may be gone, and the next one counts.
};

/// Results of the slow collectors that run between polls.
struct BackgroundResult {
  Time at;

  /// By topic index; empty: nothing was asked.
  std::vector<ReadState> settings_state;
  std::vector<TopicSettings> settings;

  std::map<int32_t, std::optional<LogDirs>> log_dirs;  ///< By broker; none: asked, and not read.

  /// When records were appended, by the brokers' time index. None: it cannot tell.
  std::vector<std::pair<RecordPosition, std::optional<Time>>> appended;
  int rounds = 0;  ///< Rounds of requests to the time index.
  /// Whether a record is only the marker of a transaction's end. False also for those that we may not read.
  std::vector<std::pair<RecordPosition, bool>> markers;

  std::vector<CollectorRun> runs;
  std::map<std::string_view, uint64_t> requests;
  std::map<std::string, uint64_t>
      own_requests;  ///< librdkafka's own on the background client's connections, all so far.
};

}  // namespace kafkascope::model
