#pragma once

#include <chrono>
#include <optional>
#include <vector>

#include "kafka/failures.h"
#include "kafka/request_batch.h"
#include "model/cluster.h"
#include "model/group.h"

namespace kafkascope::kafka {

/// Returns the partitions that are being reassigned, sorted; nothing if they could not be read. `broker`: with
/// ZooKeeper the controller, else any. `timeout`: in the request, for the broker.
std::optional<std::vector<model::PartitionRef>> collect_reassignments(RequestBatch& requests, int32_t broker,
                                                                      std::chrono::milliseconds timeout,
                                                                      const model::Metadata& metadata,
                                                                      Failures& failures);

}  // namespace kafkascope::kafka
