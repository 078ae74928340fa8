#pragma once

#include "config/config.h"
#include "metrics/page.h"
#include "model/facts.h"
#include "model/snapshot.h"

namespace kafkascope::poll {

/// What the landing page shows of a cluster before its first poll.
metrics::ClusterStatus initial_status(const config::Cluster& cluster);

/// And after collectors ran.
metrics::ClusterStatus with_runs(metrics::ClusterStatus before, const std::vector<model::CollectorRun>& runs,
                                 model::WallTime at);

/// And after a poll. `took`: seconds.
metrics::ClusterStatus next_status(metrics::ClusterStatus before, const std::vector<model::CollectorRun>& runs,
                                   model::WallTime at, double took, const model::Snapshot& snapshot);

}  // namespace kafkascope::poll
