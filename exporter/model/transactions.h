#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/time.h"
#include "model/value.h"

namespace kafkascope::model {

/// Kafka's default of transaction.max.timeout.ms.
inline constexpr int64_t kDefaultMaxTransactionMs = 15 * 60'000;

/// An open transaction, as described by its coordinator.
struct Transaction {
  std::string id;
  std::string state;
  int64_t producer_id = -1;
  int64_t start_ms = -1;  ///< Since the Unix epoch; -1: unknown.
  int64_t timeout_ms = 0;
  std::vector<uint32_t> partitions = {};  ///< Numbers of those without an end marker; sorted.
};

/// A producer whose transaction holds back a partition's last stable offset, as described by the partition's leader.
struct BlockingProducer {
  uint32_t partition;
  int64_t producer_id;
  int32_t epoch;
  int64_t start_offset;
};

/// Results of the transactions collector.
struct TransactionsResult {
  bool listed = false;                       ///< All coordinators have listed their transactions.
  bool described = false;                    ///< All open ones were described.
  std::map<std::string, int64_t> states;     ///< Number of transactional ids by state.
  std::vector<Transaction> open;             ///< Sorted by producer id.
  std::map<int64_t, std::string> producers;  ///< Transactional ids of the blocking producers that coordinators know.
  /// By partition number, like PollResult::latest; empty: not requested.
  std::vector<int64_t> last_stable;
  std::vector<uint32_t> described_partitions;  ///< Whose producers were described; sorted.
  std::vector<BlockingProducer> blocking;      ///< Sorted by partition.
};

/// A partition's last stable offset as of the last run of the transactions collector.
struct StableOffset {
  Value offset;
  Time since{};  ///< Since when it has stood at this offset below the end, as seen; epoch: it is at the end.
  Time read{};   ///< When it was last read.

  double held_seconds() const { return since == Time{} ? 0 : std::chrono::duration<double>(read - since).count(); }
};

/// A transaction that holds back a partition, and that nobody is going to end.
struct HangingTransaction {
  enum class Reason : uint8_t { kTimedOut, kUnknownToCoordinator };

  Reason reason;
  int64_t producer_id = -1;
  int32_t epoch = -1;
  int64_t start_offset = -1;
  std::string transactional_id = {};  ///< Empty: not known.

  bool operator==(const HangingTransaction&) const = default;
};

/// For the log.
struct TransactionEvent {
  std::string topic;
  int32_t partition;
  HangingTransaction transaction;
  bool hangs;           ///< false: no longer.
  double held_seconds;  ///< For how long the last stable offset has stood still.
};

}  // namespace kafkascope::model
