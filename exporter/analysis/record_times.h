#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "analysis/hold.h"
#include "model/figures.h"
#include "model/poll_result.h"
#include "model/snapshot.h"

namespace kafkascope::analysis {

/// Return the partitions whose newest or oldest record may have changed since it was read; sorted, at most `most`. If
/// there are more, those from partition number `next` on come first, and `next` is set to the first one left out.
std::vector<uint32_t> find_partitions_without_newest(const model::Snapshot& now, size_t most, uint32_t& next);
/// Without topics in remote storage, from where brokers would have to load it.
std::vector<uint32_t> find_partitions_without_oldest(const model::Snapshot& now, size_t most, uint32_t& next);

/// Updates `now.record_times`. A timestamp after the time of the request is replaced by the time of the request: the
/// record was there by then, and the producer's clock is wrong.
void merge_record_times(const model::BackgroundResult& result, const Holding& holding, model::Snapshot& now);

/// Returns the newest and the oldest timestamp of each topic. Empty without metadata.
model::RecordTimeFigures record_time_figures(const model::Snapshot& snapshot);

}  // namespace kafkascope::analysis
