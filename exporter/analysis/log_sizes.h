#pragma once

#include "model/figures.h"
#include "model/snapshot.h"

namespace kafkascope::analysis {

/// Returns the sizes of topics and partitions. Empty without metadata.
model::LogSizes log_sizes(const model::Snapshot& snapshot);

}  // namespace kafkascope::analysis
