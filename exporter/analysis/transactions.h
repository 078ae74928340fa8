#pragma once

#include <cstdint>
#include <map>

#include "analysis/hold.h"
#include "model/figures.h"
#include "model/poll_result.h"
#include "model/snapshot.h"

namespace kafkascope::analysis {

/// How long after its timeout a transaction may still be open: coordinators look for such ones every 10 s.
inline constexpr int64_t kTimeoutGraceMs = 30'000;

/// Returns the partitions whose last stable offset was below their end when it was last read, with that offset.
std::map<uint32_t, int64_t> held_partitions(const model::Snapshot& now);

/// Updates all about transactions, and the events for the log. A transaction hangs if it holds back a partition's last
/// stable offset and
/// - its coordinator has not ended it in time after its timeout, or
/// - no coordinator knows it, or knows that it has to do with the partition, and the offset has been held back for
///   longer than any transaction may last. (Coordinators hide transactions that the user may not describe.)
void merge_transactions(model::TransactionsResult&& read, const model::BackgroundResult& result, const Holding& holding,
                        model::Snapshot& now);

/// Returns values by topic. Empty without metadata.
model::TransactionFigures transaction_figures(const model::Snapshot& snapshot);

}  // namespace kafkascope::analysis
