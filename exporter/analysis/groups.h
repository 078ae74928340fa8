#pragma once

#include <vector>

#include "analysis/hold.h"
#include "analysis/partition_mapping.h"
#include "model/options.h"
#include "model/poll_result.h"
#include "model/snapshot.h"

namespace kafkascope::analysis {

/// Returns the groups with their fresh and held values. A group whose existence cannot be checked is kept, possibly not
/// shown, until a response no longer lists it. `now`: complete except for its groups.
std::vector<model::GroupSnapshot> next_groups(const model::Snapshot& before, const model::Snapshot& now,
                                              model::PollResult& result, const PartitionMapping& mapping,
                                              const Holding& holding, const model::Options& options);

std::vector<model::ShareGroupSnapshot> next_share_groups(const model::Snapshot& before, model::PollResult& result,
                                                         const PartitionMapping& mapping, const Holding& holding);

}  // namespace kafkascope::analysis
