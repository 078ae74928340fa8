#include "config/dead_letters.h"

#include <catch2/catch_test_macros.hpp>
#include <stdexcept>

using kafkascope::config::DeadLetters;

TEST_CASE("Dead letter queues are recognized by a part of their names") {
  const DeadLetters rules;
  const auto is = [&](const char* name, const char* rest) {
    CAPTURE(name);
    CHECK(rules.of(name) == rest);
  };
  is("orders-dlq", "orders");
  is("orders.DLQ", "orders");
  is("orders_dlt", "orders");
  is("orders-dead-letter", "orders");
  is("orders.dead_letters", "orders");
  is("orders-deadletter-queue", "orders");
  is("dlq.orders", "orders");
  is("eu.dlq.orders", "eu.orders");
  is("eu-dlq.orders", "eu-orders");
  is("orders--dlq--", "orders");
  is("dlq", "");
  for (const char* name : {"", "orders", "adlq", "dlqs", "orders-dltx", "deadline", "dead-letterbox", "mydlt-orders"}) {
    CAPTURE(name);
    CHECK_FALSE(rules.of(name));
  }
}

TEST_CASE("Another expression; none at all") {
  const DeadLetters failed("^failed-");
  CHECK(failed.of("failed-orders") == "orders");
  CHECK_FALSE(failed.of("orders-dlq"));
  const DeadLetters none("");
  CHECK(none.empty());
  CHECK_FALSE(none.of("orders-dlq"));
  CHECK_FALSE(none.of(""));
  CHECK(failed != none);
  CHECK(failed == DeadLetters("^failed-"));
  CHECK(DeadLetters() == DeadLetters(std::string(DeadLetters::kDefault)));
  CHECK_THROWS_AS(DeadLetters("("), std::invalid_argument);
}
