#pragma once

#include <vector>

#include "kafka/failures.h"
#include "kafka/request_batch.h"
#include "model/cluster.h"
#include "model/poll_result.h"

namespace kafkascope::kafka {

/// Reads the log end offsets of the replicas that are not in sync and whose partition has a leader, one request per
/// live broker that has any; none if all replicas are in sync. Those that the broker does not have (yet) are missing.
std::vector<model::ReplicaEnd> collect_replica_ends(RequestBatch& requests, const model::Metadata& metadata,
                                                    Failures& failures);

}  // namespace kafkascope::kafka
