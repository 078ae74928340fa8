#pragma once

#include "config/config.h"
#include "model/poll_result.h"
#include "model/snapshot.h"
#include "model/status.h"

namespace kafkascope::cluster {

/// Returns the status of a cluster before its first poll, for the landing page.
model::ClusterStatus initial_status(const config::Cluster& cluster);

/// Updates the status after a poll. `took`: seconds.
model::ClusterStatus next_status(model::ClusterStatus before, const std::vector<model::CollectorRun>& runs,
                                 model::WallTime at, double took, const model::Snapshot& snapshot);

}  // namespace kafkascope::cluster
