#pragma once

#include "model/figures.h"
#include "model/options.h"
#include "model/snapshot.h"

namespace kafkascope::analysis {

/// Computes what is published of a snapshot besides the values that it contains.
model::Figures figures(const model::Snapshot& snapshot, const model::Options& options);

}  // namespace kafkascope::analysis
