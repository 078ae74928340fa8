#include "kafka/logins.h"

#include <catch2/catch_test_macros.hpp>
#include <vector>

using kafkascope::kafka::Logins;
using namespace std::chrono_literals;

namespace {

const Logins::Time kStart{};
const std::string kBroker = "kafka-2:9092";

/// The seconds, up to `end`, at which a broker that refuses every login is logged in to, if it is tried every second.
std::vector<int> logins(Logins& logins, int end) {
  std::vector<int> at;
  for (int second = 0; second < end; ++second) {
    const auto now = kStart + std::chrono::seconds(second);
    if (!logins.may_connect(kBroker, now)) continue;
    logins.refused(kBroker, "", now);
    at.push_back(second);
  }
  return at;
}

}  // namespace

TEST_CASE("The pauses between refused logins double, up to the longest") {
  Logins tried(15s, 100s);
  CHECK(logins(tried, 400) == std::vector<int>{0, 15, 45, 105, 205, 305});
}

TEST_CASE("The pause is the poll interval, where that is longer than the longest pause") {
  Logins tried(10min, 5min);
  CHECK(logins(tried, 1900) == std::vector<int>{0, 600, 1200, 1800});
}

TEST_CASE("A broker that refuses logins does not hold up others") {
  Logins tried(15s, 5min);
  tried.refused(kBroker, "Authentication failed", kStart);
  CHECK(tried.refusal(kBroker) == "Authentication failed");
  CHECK_FALSE(tried.may_connect(kBroker, kStart));
  CHECK(tried.may_connect("kafka-1:9092", kStart));
  CHECK_FALSE(tried.refusal("kafka-1:9092"));
}

TEST_CASE("A login that is accepted ends the pauses") {
  Logins tried(15s, 5min);
  tried.refused(kBroker, "Authentication failed", kStart);
  REQUIRE(tried.may_connect(kBroker, kStart + 15s));
  tried.forget(kBroker);
  CHECK_FALSE(tried.refusal(kBroker));
  CHECK(tried.may_connect(kBroker, kStart + 16s));
  tried.refused(kBroker, "Authentication failed", kStart + 16s);
  CHECK(tried.may_connect(kBroker, kStart + 31s));
}

TEST_CASE("At the end of a pause one connection is made, whoever wants to connect") {
  Logins tried(15s, 5min);
  CHECK(tried.may_connect(kBroker, kStart));
  CHECK(tried.may_connect(kBroker, kStart));
  tried.refused(kBroker, "Authentication failed", kStart);
  tried.refused(kBroker, "", kStart);  // both began before that was known
  CHECK(tried.refusal(kBroker) == "Authentication failed");
  CHECK(tried.may_connect(kBroker, kStart + 15s));
  CHECK_FALSE(tried.may_connect(kBroker, kStart + 15s));
}

TEST_CASE("A connection that breaks before the login is no login: the next one may be made at once") {
  Logins tried(15s, 5min);
  tried.refused(kBroker, "Authentication failed", kStart);
  REQUIRE(tried.may_connect(kBroker, kStart + 15s));
  tried.not_reached(kBroker, kStart + 15s);
  CHECK(tried.refusal(kBroker));
  CHECK(tried.may_connect(kBroker, kStart + 16s));
  tried.refused(kBroker, "", kStart + 16s);
  tried.not_reached(kBroker, kStart + 17s);  // of a connection that has been given up since
  CHECK_FALSE(tried.may_connect(kBroker, kStart + 17s));
}

TEST_CASE("The reason for a refused login may come after it") {
  Logins tried(15s, 5min);
  tried.explain(kBroker, "of no login");
  CHECK_FALSE(tried.refusal(kBroker));
  tried.refused(kBroker, "", kStart);
  CHECK(tried.refusal(kBroker) == "login failed");
  tried.explain(kBroker, "the broker hung up");
  CHECK(tried.refusal(kBroker) == "the broker hung up");
}
