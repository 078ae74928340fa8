#pragma once

#include <cstdint>
#include <map>

#include "model/figures.h"
#include "model/snapshot.h"

namespace kafkascope::analysis {

/// Returns the health of all partitions by the same rules as brokers.
model::Health health(const model::Snapshot& snapshot);

/// Returns the load of every known broker. Empty without metadata.
std::map<int32_t, model::BrokerLoad> broker_loads(const model::Snapshot& snapshot);

}  // namespace kafkascope::analysis
