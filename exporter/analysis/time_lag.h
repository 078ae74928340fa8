#pragma once

#include <span>

#include "analysis/hold.h"
#include "model/options.h"
#include "model/snapshot.h"

namespace kafkascope::analysis {

/// Computes messages lost, lag in seconds, retention used and progress for each row of a group; rows that are not fresh
/// keep theirs. `before`: the rows of the last snapshot, sorted, with current topic indices. `now`: complete except for
/// its groups.
void compute_time_lag(std::span<model::GroupPartition> rows, std::span<const model::GroupPartition> before,
                      const model::Snapshot& now, const Holding& holding, const model::Options& options);

/// Updates lag in seconds and retention used of fresh rows after lookups. `looked_up`: the records whose append time
/// was looked up; sorted.
void update_time_lag(std::span<model::GroupPartition> rows, std::span<const model::RecordPosition> looked_up,
                     const model::Snapshot& now, const model::Options& options);

/// Returns at most `most` next records of groups, each once: those whose age is unknown, then those whose age is a
/// rough estimate, which get at least a quarter of `most`. If there are more, rows take turns of several polls, long
/// enough for a search to complete.
std::vector<model::TimestampQuery> find_records_without_time(const model::Snapshot& now, const model::Options& options,
                                                             size_t most);

/// Returns records that may be transaction markers: the only record between a commit and the end offset in two polls,
/// or in the first poll. Without those already checked; each once, at most `most`, a different part in each poll.
std::vector<model::RecordPosition> find_possible_transaction_markers(const model::Snapshot& now,
                                                                     const model::Options& options, size_t most);

}  // namespace kafkascope::analysis
