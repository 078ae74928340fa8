#pragma once

#include <vector>

#include "config/draft.h"

namespace kafkascope::config {

/// Completes and checks the ensembles of a configuration. Throws a ConfigError.
std::vector<ZooKeeper> finish_zookeeper(const std::vector<ZooKeeperDraft>& drafts, const Config& config);

}  // namespace kafkascope::config
