#include "config/suggest.h"

#include <catch2/catch_test_macros.hpp>

using kafkascope::config::nearest;

TEST_CASE("the nearest name is what was most likely meant") {
  const std::vector<std::string_view> names = {"interval",     "deadline",     "hold",
                                               "kafka.server", "topic.filter", "group.filter"};
  CHECK(nearest("intervall", names) == "interval");
  CHECK(nearest("dead_line", names) == "deadline");
  CHECK(nearest("holt", names) == "hold");
  CHECK(nearest("topics.filter", names) == "topic.filter");
  CHECK(nearest("kafka-servers", names) == "kafka.server");
  CHECK(nearest("interval", names) == "interval");
  CHECK(nearest("bootstrap", names).empty());
  CHECK(nearest("h", names).empty());
  CHECK(nearest("", names).empty());
  CHECK(nearest("interval", {}).empty());
}
