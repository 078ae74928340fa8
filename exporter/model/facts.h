#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/cluster.h"
#include "model/collector.h"
#include "model/connection.h"
#include "model/group.h"
#include "model/time.h"

namespace kafkascope::model {

inline constexpr int64_t kUnreadOffset = -1;   ///< Asked for and not got.
inline constexpr int64_t kUnaskedOffset = -2;  ///< Not due in this poll.

/// A group of this poll and what it has committed.
struct GroupFacts {
  Group group;
  bool offsets_read = false;
  std::vector<Commit> commits;       // sorted by partition
  std::vector<PartitionRef> unread;  ///< Partitions whose committed offset the coordinator would not tell; sorted.
};

/// What one poll learnt, and what it could not.
struct Facts {
  Time at;
  WallTime wall;

  bool metadata_read = false;
  /// What partitions and topics are numbered by: this poll's metadata, or, where that could not be read, the last one.
  /// Null: there never was any.
  std::shared_ptr<const Metadata> metadata;
  std::vector<int32_t> answered;  ///< Brokers that answered us in this poll; sorted.

  std::vector<int64_t> latest, earliest;  ///< By partition number: an offset, kUnreadOffset or kUnaskedOffset.

  std::vector<GroupFacts> groups;          ///< Sorted by id.
  std::vector<std::string> unread_groups;  ///< Known before, and nobody could say that they are gone; sorted.

  std::vector<CollectorRun> runs;
  std::map<std::string_view, uint64_t> requests;  ///< Raw requests sent in this poll, by Kafka's name.
  Statistics statistics;
};

}  // namespace kafkascope::model
