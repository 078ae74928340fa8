#pragma once

#include "analysis/partition_mapping.h"
#include "model/snapshot.h"

namespace kafkascope::analysis {

/// Counts what differs between the partitions of the last metadata that was read and those of now: leaders, in-sync
/// replicas, unclean elections. A partition that is new counts nothing. `now`: its metadata and eligible replicas are
/// set; changes and last_leaders are set here.
void count_changes(model::Snapshot& before, const PartitionMapping& mapping, model::Snapshot& now);

}  // namespace kafkascope::analysis
