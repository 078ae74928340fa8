#pragma once

#include <vector>

#include "analysis/hold.h"
#include "analysis/renumber.h"
#include "model/facts.h"
#include "model/options.h"
#include "model/snapshot.h"

namespace kafkascope::analysis {

/// Groups as they are to be published: what was read of them, and what is held. A group that nobody can tell of is
/// remembered, though not shown, until somebody says that it is gone. `now`: all but its groups is set.
std::vector<model::GroupSnapshot> advance_groups(const model::Snapshot& before, const model::Snapshot& now,
                                                 model::Facts& facts, const Renumbering& renumbering,
                                                 const Holding& holding, const model::Options& options);

std::vector<model::ShareGroupSnapshot> advance_share_groups(const model::Snapshot& before, model::Facts& facts,
                                                            const Renumbering& renumbering, const Holding& holding);

}  // namespace kafkascope::analysis
