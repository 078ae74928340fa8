#pragma once

#include <string>
#include <vector>

#include "metrics/family_writer.h"
#include "model/options.h"
#include "model/zookeeper.h"

namespace kafkascope::families {

/// Writes all families of a ZooKeeper ensemble in page order. `all_values`: also values of mntr that have no family
/// of their own, under their names there.
void write_zookeeper(const model::ZooKeeperSnapshot& snapshot, const model::Options& options, bool all_values,
                     metrics::FamilyWriter& out);

/// Returns the names of all families of write_zookeeper() that do not depend on the servers.
std::vector<std::string> zookeeper_family_names();

}  // namespace kafkascope::families
