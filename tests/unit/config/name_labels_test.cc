#include "config/name_labels.h"

#include <catch2/catch_test_macros.hpp>
#include <stdexcept>

using kafkascope::config::NameLabels;
using Labels = NameLabels::Labels;

TEST_CASE("The first expression that matches and has a label sets it") {
  NameLabels rules;
  CHECK(rules.empty());
  CHECK(rules.of("orders").empty());
  rules.add("^orders-", {{"team", "checkout"}});
  rules.add("-eu$", {{"team", "europe"}, {"service", "shop"}});
  rules.add(".", {{"service", "other"}});
  CHECK_FALSE(rules.empty());
  CHECK(rules.of("orders-us") == Labels{{"team", "checkout"}, {"service", "other"}});
  CHECK(rules.of("orders-eu") == Labels{{"team", "checkout"}, {"service", "shop"}});
  CHECK(rules.of("clicks-eu") == Labels{{"team", "europe"}, {"service", "shop"}});
  CHECK(rules.of("clicks") == Labels{{"service", "other"}});
  CHECK(rules.of("").empty());
}

TEST_CASE("Rules compare by what they say") {
  NameLabels a, b;
  a.add("x", {{"team", "a"}});
  CHECK(a != b);
  b.add("x", {{"team", "a"}});
  CHECK(a == b);
  b.add("y", {{"team", "a"}});
  CHECK(a != b);
  CHECK_THROWS_AS(a.add("(", {}), std::invalid_argument);
}
