#pragma once

#include "model/options.h"
#include "model/poll_result.h"
#include "model/snapshot.h"

namespace kafkascope::analysis {

/// Returns what to publish after a poll: its result, and for values that could not be read those of the snapshot before
/// as long as options.hold allows. Computed values are computed from fresh values only and held as computed: a fresh
/// commit with a held end offset would look like catching up.
model::Snapshot next_snapshot(model::Snapshot&& before, model::PollResult&& result, const model::Options& options);

}  // namespace kafkascope::analysis
