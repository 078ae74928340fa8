#pragma once

#include "model/options.h"
#include "model/poll_result.h"
#include "model/snapshot.h"

namespace kafkascope::analysis {

/// Returns what to publish after the slow collectors have run: the snapshot of the last poll with their result.
model::Snapshot merge_background(model::Snapshot&& before, model::BackgroundResult&& result,
                                 const model::Options& options);

}  // namespace kafkascope::analysis
