#pragma once

#include <span>
#include <vector>

#include "analysis/hold.h"
#include "model/cluster.h"
#include "model/poll_result.h"
#include "model/snapshot.h"

namespace kafkascope::analysis {

/// The partitions that a group has committed on, with its lag: end offset less committed offset, never below 0. Also
/// those whose commit could not be read: held, then unknown. `before`: the group's rows of the last snapshot, sorted
/// and numbered as now. `latest`: by partition number.
std::vector<model::GroupPartition> lag_rows(const model::GroupResult& group,
                                            std::span<const model::GroupPartition> before,
                                            const model::Metadata& metadata, std::span<const model::Value> latest,
                                            const Holding& holding);

/// Figures of one group and topic, from its partitions; a sum is unknown while one of its parts is.
struct TopicSums {
  model::Value committed, lag, stable_lag;  ///< Held when one of the parts is, and for as long.
};

/// REQUIRES: all rows are of one topic.
TopicSums sum_of_topic(std::span<const model::GroupPartition> rows);

/// Returns the largest lag of the partitions whose lag is known.
model::Value max_lag(std::span<const model::GroupPartition> rows);

}  // namespace kafkascope::analysis
