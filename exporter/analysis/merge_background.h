#pragma once

#include "model/options.h"
#include "model/poll_result.h"
#include "model/snapshot.h"

namespace kafkascope::analysis {

/// Returns the snapshot of the last poll with the results of the slow collectors.
model::Snapshot merge_background(model::Snapshot&& before, model::BackgroundResult&& result,
                                 const model::Options& options);

}  // namespace kafkascope::analysis
