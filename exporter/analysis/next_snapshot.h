#pragma once

#include "model/options.h"
#include "model/poll_result.h"
#include "model/snapshot.h"

namespace kafkascope::analysis {

/// Returns the snapshot after a poll: its result and, where reads failed, values of the last snapshot held for
/// options.hold. Computed values are held as computed from fresh values: a fresh commit with a held end offset would
/// look like catching up.
model::Snapshot next_snapshot(model::Snapshot&& before, model::PollResult&& result, const model::Options& options);

}  // namespace kafkascope::analysis
