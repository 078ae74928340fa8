#include "poll/running_time.h"

#include <catch2/catch_test_macros.hpp>

using namespace kafkascope;
using namespace kafkascope::poll;
using namespace std::chrono_literals;

TEST_CASE("Time during which the process was suspended counts as one step") {
  model::Time now = model::Time::clock::now();
  RunningTime running(now);
  CHECK(running.update(now) == 0s);
  CHECK(running.update(now += 500ms) == 500ms);
  CHECK(running.update(now += 1s) == 1500ms);
  CHECK(running.update(now += 60s) == 2500ms);
  CHECK(running.update(now += 1s) == 3500ms);
  running.restart(now += 1s);
  CHECK(running.update(now += 300ms) == 300ms);
}
