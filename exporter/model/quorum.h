#pragma once

#include <cstdint>
#include <vector>

namespace kafkascope::model {

struct QuorumReplica {
  int32_t id;
  bool voter;                      ///< false: an observer
  int64_t log_end_offset;          ///< -1: not known
  int64_t last_caught_up_ms = -1;  ///< Unix time; -1: not reported
};

/// The KRaft controller quorum and its observers.
struct Quorum {
  int32_t leader = -1;
  int32_t leader_epoch = -1;
  int64_t high_watermark = -1;
  std::vector<QuorumReplica> replicas;  // voters, then observers, each once
};

}  // namespace kafkascope::model
