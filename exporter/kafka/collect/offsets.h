#pragma once

#include <cstdint>
#include <vector>

#include "kafka/failures.h"
#include "kafka/request_batch.h"
#include "model/cluster.h"
#include "model/snapshot.h"

namespace kafkascope::kafka {

struct CollectedOffsets {
  std::vector<int64_t> latest, earliest, last_stable;  // as in model::PollResult
};

struct OffsetsPlan {
  bool all_earliest = false;    ///< Start offsets are due.
  bool read_committed = false;  ///< Also collect last stable offsets.
  std::vector<bool> only = {};  ///< By partition number: whether its offsets are needed; empty: all are.
};

/// Collects the end offsets of partitions, and the start offsets of those that are due: all with `all_earliest`, else
/// those without a fresh value in `last` and those whose leader has changed since. One request per leader for each of
/// the two. Partitions whose leader has moved are requested once more, from the leader that new metadata names.
CollectedOffsets collect_offsets(RequestBatch& requests, const model::Metadata& metadata, const model::Snapshot& last,
                                 const OffsetsPlan& plan, Failures& failures);

}  // namespace kafkascope::kafka
