#pragma once

#include <cstdint>
#include <map>

#include "model/figures.h"
#include "model/snapshot.h"

namespace kafkascope::analysis {

/// Returns for each live broker what would happen to partitions if it stopped now, as Kafka's controller decides it.
/// Empty without metadata.
std::map<int32_t, model::RestartImpact> restart_impacts(const model::Snapshot& snapshot);

}  // namespace kafkascope::analysis
