#pragma once

#include <vector>

#include "analysis/hold.h"
#include "analysis/partition_mapping.h"
#include "model/options.h"
#include "model/poll_result.h"
#include "model/snapshot.h"

namespace kafkascope::analysis {

/// Groups as they are to be published: what was read of them, and what is held. A group that nobody can tell of is
/// remembered, though not shown, until somebody says that it is gone. `now`: all but its groups is set.
std::vector<model::GroupSnapshot> next_groups(const model::Snapshot& before, const model::Snapshot& now,
                                              model::PollResult& result, const PartitionMapping& mapping,
                                              const Holding& holding, const model::Options& options);

std::vector<model::ShareGroupSnapshot> next_share_groups(const model::Snapshot& before, model::PollResult& result,
                                                         const PartitionMapping& mapping, const Holding& holding);

}  // namespace kafkascope::analysis
