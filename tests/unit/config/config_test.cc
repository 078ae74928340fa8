#include "config/config.h"

#include <catch2/catch_test_macros.hpp>

using namespace std::chrono_literals;
using kafkascope::config::Polling;

TEST_CASE("a deadline that is not set is the interval, at most 30 s") {
  CHECK(Polling{.interval = 15s}.effective_deadline() == 15s);
  CHECK(Polling{.interval = 5min}.effective_deadline() == 30s);
  CHECK(Polling{.interval = 15s, .deadline = 20s}.effective_deadline() == 20s);
}

TEST_CASE("a request time-out that is not set is a quarter of the deadline, at most 5 s") {
  CHECK(Polling{.interval = 15s}.effective_request_timeout() == 3750ms);
  CHECK(Polling{.interval = 5min}.effective_request_timeout() == 5s);
  CHECK(Polling{.interval = 15s, .request_timeout = 7s}.effective_request_timeout() == 7s);
  CHECK(Polling{.interval = 1ms}.effective_request_timeout() == 1ms);
}
