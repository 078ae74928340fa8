#pragma once

#include <memory>
#include <span>

#include "config/filter.h"
#include "kafka/failures.h"
#include "kafka/request_batch.h"
#include "model/cluster.h"

namespace kafkascope::kafka {

/// Returns the topics that `wanted` matches, from the first of `candidates` that responds. Null, and failures, if none
/// does. It is also a failure if no topic is visible to a user without DESCRIBE on the cluster: Kafka hides topics that
/// a user may not describe.
std::shared_ptr<const model::Metadata> collect_metadata(RequestBatch& requests, std::span<const int32_t> candidates,
                                                        const config::Filter& wanted, Failures& failures);

}  // namespace kafkascope::kafka
