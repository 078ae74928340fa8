#include "cluster/transaction_log.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "poll/log.h"

using namespace kafkascope;
using Reason = model::HangingTransaction::Reason;

TEST_CASE("A transaction that hangs, or no longer does, is one line of the log with its ids") {
  const std::vector<model::TransactionEvent> events{
      {"orders", 3, {Reason::kTimedOut, 4000, 2, 17, "payments-1"}, true, 61.7},
      {"orders", 4, {Reason::kUnknownToCoordinator, 4001, 0, 0, ""}, true, 960},
      {"orders", 3, {Reason::kTimedOut, 4000, 2, 17, "payments-1"}, false, 0}};
  poll::Log log;
  cluster::log_transactions("main", events);
  CHECK(log.take() ==
        std::vector<std::string>{
            "warning msg=\"transaction hangs\" cluster=main topic=orders partition=3 transactional_id=payments-1 "
            "producer_id=4000 producer_epoch=2 start_offset=17 reason=timed_out held_for=1m2s",
            "warning msg=\"transaction hangs\" cluster=main topic=orders partition=4 producer_id=4001 "
            "producer_epoch=0 start_offset=0 reason=unknown_to_coordinator held_for=16m",
            "info msg=\"transaction no longer hangs\" cluster=main topic=orders partition=3 "
            "transactional_id=payments-1 producer_id=4000 producer_epoch=2 start_offset=17 held_for=0s"});
}
