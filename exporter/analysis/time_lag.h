#pragma once

#include <span>

#include "analysis/hold.h"
#include "model/options.h"
#include "model/snapshot.h"

namespace kafkascope::analysis {

/// Fills what is told of a group's rows beyond commit and lag: loss, waiting time, nearness to deletion, progress.
/// What is not fresh is what it was. `before`: the rows of the snapshot before, sorted and numbered as now. `now`: all
/// but its groups is set.
void compute_time_lag(std::span<model::GroupPartition> rows, std::span<const model::GroupPartition> before,
                      const model::Snapshot& now, const Holding& holding, const model::Options& options);

/// Once more what hangs on what was learnt since: waiting time and nearness to deletion of the rows that are fresh.
/// `looked_up`: the records whose append time was looked up; sorted.
void update_time_lag(std::span<model::GroupPartition> rows, std::span<const model::RecordPosition> looked_up,
                     const model::Snapshot& now, const model::Options& options);

/// Returns the next records of groups whose age is unknown, then, in at least a quarter of `most` if there are any,
/// those whose age is a rough estimate. Each once, at most `most`. If there are more, rows take turns of several polls,
/// long enough for a search to end.
std::vector<model::TimestampQuery> find_records_without_time(const model::Snapshot& now, const model::Options& options,
                                                             size_t most);

/// Returns records that were the only ones between a group and the end in two polls, or in the first one after the
/// start: they may be the markers of transactions' ends. Records that were checked are left out. Each once, at most
/// `most`, a different part in each poll.
std::vector<model::RecordPosition> find_possible_transaction_markers(const model::Snapshot& now,
                                                                     const model::Options& options, size_t most);

}  // namespace kafkascope::analysis
