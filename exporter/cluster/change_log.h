#pragma once

#include <string>

#include "model/cluster_changes.h"

namespace kafkascope::cluster {

/// Logs the events of the last poll or background run. `cluster`: its name.
void log_changes(const std::string& cluster, const model::ClusterChanges& changes);

}  // namespace kafkascope::cluster
