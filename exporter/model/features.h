#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace kafkascope::model {

/// Levels by name of the feature, such as metadata.version.
using FeatureLevels = std::map<std::string, int64_t>;

/// The features of a broker.
struct BrokerFeatures {
  FeatureLevels max_levels;      ///< The highest level that it supports.
  FeatureLevels finalized;       ///< The cluster's level, as the broker knows it.
  int64_t finalized_epoch = -1;  ///< Increases with each change of the cluster's levels; -1: not known.
};

}  // namespace kafkascope::model
