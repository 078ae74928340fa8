#pragma once

#include "analysis/partition_mapping.h"
#include "model/snapshot.h"

namespace kafkascope::analysis {

/// Counts changes of leaders, changes of in-sync replicas and unclean elections since the last metadata. New partitions
/// count nothing. Reads metadata and eligible replicas of `now`, sets its changes and last_leaders.
void count_changes(model::Snapshot& before, const PartitionMapping& mapping, model::Snapshot& now);

}  // namespace kafkascope::analysis
