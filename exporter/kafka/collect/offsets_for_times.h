#pragma once

#include <span>
#include <vector>

#include "kafka/collect/partition_offsets.h"
#include "kafka/failures.h"
#include "kafka/request_batch.h"

namespace kafkascope::kafka {

struct TimedOffset {
  uint32_t partition;
  int64_t offset, timestamp;  ///< -1 and -1: no record is that new.
};

/// Returns for each partition the first record with this timestamp (milliseconds since 1970) or a later one, from the
/// brokers' time index: one request per leader. Partitions that failed are left out. `wanted`: each partition once,
/// sorted.
std::vector<TimedOffset> collect_offsets_for_times(RequestBatch& requests, const model::Metadata& metadata,
                                                   std::span<const WantedOffset> wanted, Failures& failures);

/// Likewise, in a version of the request that knows protocol::kNewestRecord. Partitions whose leader does not know it
/// are left out.
std::vector<TimedOffset> collect_newest_records(RequestBatch& requests, const model::Metadata& metadata,
                                                std::span<const WantedOffset> wanted, Failures& failures);

}  // namespace kafkascope::kafka
