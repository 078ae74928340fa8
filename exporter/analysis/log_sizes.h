#pragma once

#include <vector>

#include "model/snapshot.h"

namespace kafkascope::analysis {

/// Bytes of logs, as the brokers' log directories say; held when one of these is.
struct Sizes {
  std::vector<model::Value> topics;      ///< By topic index: all assigned replicas; unknown while one of them is.
  std::vector<model::Value> partitions;  ///< By partition number: the leader's replica.
};

Sizes sizes(const model::Snapshot& snapshot);

}  // namespace kafkascope::analysis
