#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "config/filter.h"
#include "kafka/client.h"
#include "kafka/partition_offsets.h"
#include "kafka/requests.h"
#include "model/facts.h"
#include "model/snapshot.h"

// The collectors: each asks one question, or one family of questions, and leaves its answer and its failures. One file
// each.
namespace kafkascope::kafka {

/// A request with more groups than this answers no faster, and one with fewer asks more often.
inline constexpr size_t kGroupsPerRequest = 500;

/// What could not be got: each thing once, and few of what fails in the same way for a thousand topics.
class Failures {
 public:
  static constexpr size_t kMost = 20;

  void add(model::Failure failure);
  void add(const Error& error) { add(error.failure()); }
  bool empty() const { return list_.empty(); }
  std::vector<model::Failure> take() { return std::move(list_); }

 private:
  std::vector<model::Failure> list_;
};

/// Topics that `wanted` matches, from the first of `candidates` that answers. Null, and failures, when none does.
/// Also a failure: no topic to be seen by a user who may not describe the cluster, for Kafka hides what is forbidden.
std::shared_ptr<const model::Metadata> collect_metadata(Requests& requests, std::span<const int32_t> candidates,
                                                        const config::Filter& wanted, Failures& failures);

struct CollectedEligible {
  std::map<uint32_t, std::vector<int32_t>> eligible;  // as in model::Facts
  std::vector<uint32_t> unread;
};

/// Eligible leader replicas of the topics that may have any, for a few requests at the most. `candidates`: brokers that
/// answered in this poll. `collected` is valid also after an exception: what was not read is unread.
void collect_eligible(Requests& requests, std::span<const int32_t> candidates, const model::Metadata& metadata,
                      const model::Snapshot& last, CollectedEligible& collected, Failures& failures);

struct CollectedGroups {
  std::vector<model::GroupFacts> groups;        // sorted by id
  std::vector<std::string> unread;              // sorted: of `known`, those nobody could say are gone
  std::vector<model::ShareGroup> share_groups;  // listed, and not described
  std::vector<int32_t> listed_by;               // brokers that listed their groups; sorted
};

/// Groups that `wanted` matches, with members and assignments. ListGroups goes to each broker: it also tells who is
/// alive and who coordinates what. `member_lists`: each member is to be told. `known`: the groups of the poll before.
CollectedGroups collect_groups(Requests& requests, const model::Metadata& metadata, const config::Filter& wanted,
                               bool member_lists, std::span<const model::GroupSnapshot> known, Failures& failures);

/// What the groups have committed, from their coordinators, many groups a request.
void collect_group_offsets(Requests& requests, const model::Metadata& metadata, std::span<model::GroupFacts> groups,
                           Failures& failures);

struct CollectedShareGroups {
  std::vector<model::ShareGroupFacts> groups;  // sorted by id
  std::vector<std::string> unread;             // as in CollectedGroups
};

/// What the coordinators tell of share groups. `listed`, `listed_by`: as collect_groups() found them.
CollectedShareGroups collect_share_groups(Requests& requests, const model::Metadata& metadata,
                                          std::span<const model::ShareGroup> listed, std::span<const int32_t> listed_by,
                                          std::span<const model::ShareGroupSnapshot> known, Failures& failures);

struct CollectedOffsets {
  std::vector<int64_t> latest, earliest, last_stable;  // as in model::Facts
};

struct OffsetsPlan {
  bool all_earliest = false;    ///< Start offsets are due.
  bool read_committed = false;  ///< Last stable offsets are wanted, too.
  std::vector<bool> only = {};  ///< By partition number: whether anybody wants to know; empty: of all.
};

/// End offsets of partitions, and start offsets of those that are due: all with `all_earliest`, else those that `last`
/// does not know freshly or whose leader has changed since. One request a leader for each of the two. Partitions whose
/// leader says that it is not are asked once more, of the one that new metadata names.
CollectedOffsets collect_offsets(Requests& requests, const model::Metadata& metadata, const model::Snapshot& last,
                                 const OffsetsPlan& plan, Failures& failures);

struct CollectedQuorum {
  model::Asked asked = model::Asked::kNo;  // kNo: the cluster has none
  model::Quorum quorum;
  std::optional<int32_t> controller;
};

/// The quorum of controllers, from the first of `candidates` that answers anything; with ZooKeeper only the controller.
CollectedQuorum collect_quorum(Requests& requests, std::span<const int32_t> candidates, const model::Metadata& metadata,
                               Failures& failures);

/// The partitions whose replicas are being moved, sorted. None: not told. `broker`: with ZooKeeper the controller,
/// else any. `timeout`: how long it may look.
std::optional<std::vector<model::PartitionRef>> collect_reassignments(Requests& requests, int32_t broker,
                                                                      std::chrono::milliseconds timeout,
                                                                      const model::Metadata& metadata,
                                                                      Failures& failures);

struct CollectedSettings {
  std::vector<model::Asked> asked;             // by topic index, as in model::SlowFacts
  std::vector<model::TopicSettings> settings;  // by topic index
  size_t next = 0;  ///< Which of `topics` the next run should begin with; their number: none.
};

/// Reads the configuration of the topics with these indices through librdkafka: with defaults, and limited to the keys
/// we need. `broker`: one that answered. Returns by `deadline`, or when `stopped` returns true. `collected` is valid
/// also after an exception: every topic that was not read is unread.
void collect_topic_configs(const Client& client, int32_t broker, const model::Metadata& metadata,
                           std::span<const uint32_t> topics, Requests::Deadline deadline,
                           const std::function<bool()>& stopped, CollectedSettings& collected, Failures& failures);

/// Reads what each broker has on its disks. None: not read; that is valid also after an exception.
void collect_log_dirs(Requests& requests, const model::Metadata& metadata,
                      std::map<int32_t, std::optional<model::LogDirs>>& collected, Failures& failures);

struct TimedOffset {
  uint32_t partition;
  int64_t offset, timestamp;  ///< -1 and -1: none is as new.
};

/// The first record of each partition that has the timestamp (milliseconds since 1970) or a later one, by the brokers'
/// time index: one request a leader. A partition that could not be asked is left out. `wanted`: each partition once,
/// sorted.
std::vector<TimedOffset> collect_offsets_at(Requests& requests, const model::Metadata& metadata,
                                            std::span<const WantedOffset> wanted, Failures& failures);

/// Whether each record is the mark of a transaction's end: one request a leader. None: we may not read the topic. What
/// cannot be told now is left out.
std::vector<std::pair<model::OldRecord, std::optional<bool>>> collect_markers(Requests& requests,
                                                                              const model::Metadata& metadata,
                                                                              std::span<const model::OldRecord> wanted,
                                                                              Failures& failures);

}  // namespace kafkascope::kafka
