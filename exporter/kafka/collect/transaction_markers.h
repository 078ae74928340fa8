#pragma once

#include <span>
#include <utility>
#include <vector>

#include "kafka/failures.h"
#include "kafka/request_batch.h"
#include "model/poll_result.h"

namespace kafkascope::kafka {

/// Returns for each record whether it is a transaction marker (commit or abort), with one request per leader. False
/// also for topics that the user may not read. Records for which it is not known now are left out.
std::vector<std::pair<model::RecordPosition, bool>> collect_transaction_markers(
    RequestBatch& requests, const model::Metadata& metadata, std::span<const model::RecordPosition> wanted,
    Failures& failures);

}  // namespace kafkascope::kafka
