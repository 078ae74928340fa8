#include "cluster/transaction_log.h"

#include <string_view>

#include "log/event.h"

namespace kafkascope::cluster {

void log_transactions(const std::string& cluster, std::span<const model::TransactionEvent> events) {
  for (const auto& event : events) {
    const auto& transaction = event.transaction;
    const std::string_view reason =
        transaction.reason == model::HangingTransaction::Reason::kTimedOut ? "timed_out" : "unknown_to_coordinator";
    log_event(event.hangs ? LogLevel::kWarning : LogLevel::kInfo,
              event.hangs ? "transaction hangs" : "transaction no longer hangs",
              {{"cluster", cluster},
               {"topic", event.topic},
               {"partition", event.partition},
               {"transactional_id", transaction.transactional_id},
               {"producer_id", transaction.producer_id},
               {"producer_epoch", transaction.epoch},
               {"start_offset", transaction.start_offset},
               {"reason", event.hangs ? reason : ""},
               {"held_for", std::chrono::milliseconds(static_cast<int64_t>(event.held_seconds * 1000))}});
  }
}

}  // namespace kafkascope::cluster
