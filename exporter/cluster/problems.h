#pragma once

#include <string>
#include <vector>

#include "model/snapshot.h"

namespace kafkascope::cluster {

/// Returns sentences for the landing page: hanging transactions with the groups that wait for them, then brokers whose
/// replicas are behind. At most ten, and how many more there are.
std::vector<std::string> problems(const model::Snapshot& snapshot);

}  // namespace kafkascope::cluster
