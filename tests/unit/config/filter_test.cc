#include "config/filter.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <stdexcept>
#include <string>

using kafkascope::config::Filter;

TEST_CASE("a filter lets through what is included and not excluded") {
  struct Case {
    const char *include, *exclude, *name;
    bool matches;
  };
  const Case cases[] = {
      {".*", "^$", "orders", true},
      {".*", "^$", "", false},
      {"ord", "^$", "new-orders", true},  // anywhere in the name
      {"^ord$", "^$", "orders", false},
      {"", "^$", "orders", true},
      {".*", "^__", "__consumer_offsets", false},
      {".*", "^__", "orders__", true},
      {"orders", "orders", "orders", false},
      {".*", "", "orders", true},  // an empty exclude excludes nothing
      {"^(a|b)$", "^$", "b", true},
      {"[a,b]", "^$", "a", true},
  };
  for (const Case& c : cases) {
    CAPTURE(c.include, c.exclude, c.name);
    CHECK(Filter(c.include, c.exclude).matches(c.name) == c.matches);
  }
  CHECK(Filter().matches("orders"));
}

TEST_CASE("a filter takes names that are not UTF-8 and contain a zero") {
  CHECK(Filter().matches(std::string_view("a\0b\xff", 4)));
  CHECK_FALSE(Filter(".*", "a.b").matches(std::string_view("a\0b", 3)));
}

TEST_CASE("a filter tells what is wrong with an expression") {
  CHECK_THROWS_AS(Filter("[a", "^$"), std::invalid_argument);
  CHECK_THROWS_AS(Filter(".*", "(?!a)"), std::invalid_argument);
  CHECK_THROWS_WITH(Filter("[a", "^$"), "missing ]: [a");
}

TEST_CASE("filters of the same expressions are equal") {
  CHECK(Filter() == Filter(".*", "^$"));
  CHECK_FALSE(Filter() == Filter(".*", "^a"));
  CHECK_FALSE(Filter() == Filter("a", "^$"));
}
