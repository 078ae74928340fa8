#pragma once

#include <vector>

#include "model/collector.h"
#include "model/status.h"
#include "model/time.h"

namespace kafkascope::poll {

/// Returns the status after collectors ran.
model::ClusterStatus with_runs(model::ClusterStatus before, const std::vector<model::CollectorRun>& runs,
                               model::WallTime at);

}  // namespace kafkascope::poll
