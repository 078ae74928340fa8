#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/group.h"

namespace kafkascope::model {

struct LogDir {
  std::string path;
  bool online = true;
  int64_t size = 0;           ///< Bytes of the replicas in it, those on their way in included.
  int64_t volume_bytes = -1;  ///< -1: the broker does not tell
  int64_t usable_bytes = -1;
};

struct ReplicaSize {
  PartitionRef partition;
  int64_t bytes;
};

/// What a broker has on its disks.
struct LogDirs {
  std::vector<LogDir> dirs;
  std::vector<ReplicaSize> replicas;  ///< Of the topics that the filter wants; sorted by partition.
};

}  // namespace kafkascope::model
