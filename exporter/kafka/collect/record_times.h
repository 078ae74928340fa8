#pragma once

#include <span>
#include <vector>

#include "kafka/failures.h"
#include "kafka/request_batch.h"
#include "model/cluster.h"
#include "model/record_times.h"
#include "model/snapshot.h"

namespace kafkascope::kafka {

/// Collect the timestamps of the newest or the oldest records of partitions (sorted), with one request per leader.
/// `offsets`: end or start offsets by partition number. Newest records: Kafka 3.0 and later.
std::vector<model::RecordTime> collect_newest_times(RequestBatch& requests, const model::Metadata& metadata,
                                                    std::span<const uint32_t> partitions,
                                                    std::span<const model::Value> offsets, Failures& failures);
std::vector<model::RecordTime> collect_oldest_times(RequestBatch& requests, const model::Metadata& metadata,
                                                    std::span<const uint32_t> partitions,
                                                    std::span<const model::Value> offsets, Failures& failures);

}  // namespace kafkascope::kafka
