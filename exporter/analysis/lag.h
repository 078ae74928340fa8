#pragma once

#include <span>
#include <vector>

#include "analysis/hold.h"
#include "model/cluster.h"
#include "model/poll_result.h"
#include "model/snapshot.h"

namespace kafkascope::analysis {

/// Returns the partitions with a committed offset and their lag: end offset - committed offset, at least 0. Includes
/// partitions whose commit could not be read: held, then unknown. `before`: the group's rows of the last snapshot,
/// sorted, with current topic indices. `latest`: by partition number.
std::vector<model::GroupPartition> lag_rows(const model::GroupResult& group,
                                            std::span<const model::GroupPartition> before,
                                            const model::Metadata& metadata, std::span<const model::Value> latest,
                                            const Holding& holding);

/// Sums over the partitions of one group and topic; unknown if a part is.
struct TopicSums {
  model::Value committed, lag, stable_lag;  ///< Held if a part is.
};

/// REQUIRES: all rows are of one topic.
TopicSums sum_of_topic(std::span<const model::GroupPartition> rows);

/// Returns the largest lag of the partitions whose lag is known.
model::Value max_lag(std::span<const model::GroupPartition> rows);

}  // namespace kafkascope::analysis
