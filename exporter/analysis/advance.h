#pragma once

#include "model/facts.h"
#include "model/options.h"
#include "model/snapshot.h"

namespace kafkascope::analysis {

/// What to publish after a poll: its facts, and for what it could not read the values of the snapshot before, as long
/// as options.hold allows. What is computed is computed from fresh values only and held as computed, for a fresh commit
/// against a held end offset would look like catching up.
model::Snapshot advance(model::Snapshot&& before, model::Facts&& facts, const model::Options& options);

/// And what to publish when the slow questions, asked after that poll, were answered.
model::Snapshot complete(model::Snapshot&& before, model::SlowFacts&& facts, const model::Options& options);

}  // namespace kafkascope::analysis
