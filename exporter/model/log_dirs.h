#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/group.h"

namespace kafkascope::model {

struct LogDir {
  std::string path;
  bool online = true;
  int64_t size = 0;           ///< Bytes of the replicas in it, including future replicas.
  int64_t volume_bytes = -1;  ///< -1: not reported
  int64_t usable_bytes = -1;
};

struct ReplicaSize {
  PartitionRef partition;
  int64_t bytes;
};

/// Log directories and replicas of one broker.
struct LogDirs {
  std::vector<LogDir> dirs;
  std::vector<ReplicaSize> replicas;  ///< Of topics that match the filter; sorted by partition.
  /// Future replicas, which become the current ones once they have caught up, and the records that they are behind.
  int64_t future_replicas = 0, future_lag = 0;
};

}  // namespace kafkascope::model
