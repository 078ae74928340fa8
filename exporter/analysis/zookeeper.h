#pragma once

#include <string>
#include <vector>

#include "analysis/hold.h"
#include "model/zookeeper.h"

namespace kafkascope::analysis {

/// Returns the state of an ensemble after a poll. `answers`: of each server, in the same order in every poll. Values of
/// servers that did not answer are held; what a server no longer reports because it does not serve is not.
model::ZooKeeperSnapshot next_zookeeper_snapshot(model::ZooKeeperSnapshot last,
                                                 std::vector<model::ZooKeeperAnswer> answers, const Holding& holding);

/// Returns sentences about what threatens the ensemble, for the landing page.
std::vector<std::string> zookeeper_problems(const model::ZooKeeperSnapshot& snapshot);

}  // namespace kafkascope::analysis
