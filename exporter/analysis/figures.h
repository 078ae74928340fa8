#pragma once

#include "model/figures.h"
#include "model/options.h"
#include "model/snapshot.h"

namespace kafkascope::analysis {

/// Computes the values to publish that a snapshot does not contain itself.
model::Figures figures(const model::Snapshot& snapshot, const model::Options& options);

}  // namespace kafkascope::analysis
