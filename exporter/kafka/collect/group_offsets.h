#pragma once

#include <span>

#include "kafka/failures.h"
#include "kafka/request_batch.h"
#include "model/poll_result.h"

namespace kafkascope::kafka {

/// Collects the committed offsets of the groups from their coordinators, many groups per request.
void collect_group_offsets(RequestBatch& requests, const model::Metadata& metadata,
                           std::span<model::GroupResult> groups, Failures& failures);

}  // namespace kafkascope::kafka
