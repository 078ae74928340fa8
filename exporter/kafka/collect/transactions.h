#pragma once

#include <map>
#include <span>
#include <vector>

#include "kafka/failures.h"
#include "kafka/request_batch.h"
#include "model/cluster.h"
#include "model/poll_result.h"
#include "model/transactions.h"

namespace kafkascope::kafka {

struct TransactionsPlan {
  bool last_stable = false;  ///< Also collect last stable offsets; else the last poll has read them.
  /// Partition numbers and their last stable offsets that were below the end in the last run. Those that still have
  /// this offset are held back by a producer.
  std::map<uint32_t, int64_t> held = {};
};

/// Collects transactions from their coordinators (Kafka 3.0 and later), last stable offsets, and the producers that
/// hold some of them back (Kafka 2.8 and later) from the partitions' leaders. Coordinators come first: a transaction
/// that holds a partition back since an earlier run and is not listed hangs.
void collect_transactions(RequestBatch& requests, const model::Metadata& metadata, const TransactionsPlan& plan,
                          model::TransactionsResult& collected, Failures& failures);

}  // namespace kafkascope::kafka
