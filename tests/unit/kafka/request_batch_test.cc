#include "kafka/request_batch.h"

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "kafka/await.h"
#include "kafka/mock_kafka.h"
#include "kafka/raw_request.h"
#include "protocol/list_groups.h"
#include "protocol/list_offsets.h"
#include "protocol/metadata.h"

using namespace kafkascope::kafka;
using kafkascope::model::Reason;
namespace protocol = kafkascope::protocol;
using std::chrono::steady_clock;

namespace {

/// What became of one question.
struct Outcome {
  int answered = 0;
  std::vector<Error> errors;
};

/// A request to which any broker responds quickly.
RequestBatch::Request question(int32_t broker, Outcome& outcome) {
  return {broker, &protocol::kMetadata, [](int16_t version) { return protocol::encode_metadata(version); },
          [&outcome](int16_t, std::string_view) { ++outcome.answered; },
          [&outcome](const Error& error) { outcome.errors.push_back(error); }};
}

bool up(const Client& client, int32_t broker) {
  return raw_version(client.handle(), broker, protocol::kMetadata.key, 0, 12) >= 0;
}

}  // namespace

TEST_CASE("Brokers are asked as soon as they are known, connected or not yet") {
  MockKafka kafka(3);
  const auto client = connected(kafka.config(), 3);
  RequestBatch requests = requests_to(*client);
  Outcome outcome;
  for (const int32_t broker : {1, 2, 3, 1}) requests.ask(question(broker, outcome));
  CHECK(outcome.answered == 0);  // not before run()
  requests.run();
  CHECK(outcome.answered == 4);
  CHECK(outcome.errors.empty());
  CHECK(requests.answered() == std::set<int32_t>{1, 2, 3});
  CHECK(requests.sent().at("Metadata") == 4);
}

TEST_CASE("Nothing asked is nothing to wait for") {
  MockKafka kafka(1);
  const Client client(kafka.config());
  RequestBatch requests = requests_to(client);
  requests.run();
  CHECK(requests.answered().empty());
  CHECK(requests.sent().empty());
}

TEST_CASE("A broker's versions are not judged before it has told them") {
  MockKafka kafka(2);
  kafka.set_round_trip(2, 500ms);  // that long its connection stands, and is not usable
  const auto client = connected(kafka.config(), 2);
  RequestBatch requests = requests_to(*client);
  std::set<int> versions;
  REQUIRE(await([&] {
    versions.insert(requests.version(2, protocol::kMetadata));
    return *versions.rbegin() >= 0;
  }));
  CHECK_FALSE(versions.contains(RAW_VERSION_NONE));
}

TEST_CASE("A question that the broker has no version of fails by itself, and the broker is asked on") {
  MockKafka kafka(1);  // it has no ListGroups
  const auto client = connected(kafka.config(), 1);
  RequestBatch requests = requests_to(*client);
  Outcome groups, metadata;
  auto unknown = question(1, groups);
  unknown.api = &protocol::kListGroups;
  requests.ask(std::move(unknown));
  requests.ask(question(1, metadata));
  requests.run();
  REQUIRE(groups.errors.size() == 1);
  CHECK(groups.errors[0].reason() == Reason::kProtocol);
  CHECK(std::string(groups.errors[0].what()) == "broker 1 supports no version of ListGroups that kafkascope supports");
  CHECK(metadata.answered == 1);
  CHECK_FALSE(requests.lost(1));
}

TEST_CASE("A broker that nobody has heard of is unreachable at once") {
  MockKafka kafka(1);
  const auto client = connected(kafka.config(), 1);
  RequestBatch requests = requests_to(*client);
  Outcome outcome;
  requests.ask(question(42, outcome));
  requests.run();
  REQUIRE(outcome.errors.size() == 1);
  CHECK(outcome.errors[0].reason() == Reason::kUnreachable);
  CHECK(std::string(outcome.errors[0].what()) == "broker 42 does not answer: Local: Unknown broker");
  CHECK(requests.lost(42));
}

TEST_CASE("A broker that is down costs its own questions only, and is not asked again") {
  MockKafka kafka(2);
  const auto client = connected(kafka.config(), 2);
  REQUIRE(await([&] { return up(*client, 2); }));
  rd_kafka_mock_broker_set_down(kafka.cluster(), 2);
  RequestBatch requests = requests_to(*client, 1s);
  Outcome one, two, later;
  for (int i = 0; i < 10; ++i) requests.ask(question(2, two));
  requests.ask(question(1, one));
  requests.run();
  CHECK(one.answered == 1);
  CHECK(two.answered == 0);
  REQUIRE(two.errors.size() == 10);
  for (const auto& error : two.errors) {
    CHECK((error.reason() == Reason::kUnreachable || error.reason() == Reason::kTimeout));
    CHECK(std::string(error.what()) == two.errors[0].what());  // one change to log, not ten
  }
  CHECK(requests.lost(2));
  CHECK(requests.answered() == std::set<int32_t>{1});

  const auto sent = requests.sent();
  requests.ask(question(2, later));
  CHECK(later.errors.size() == 1);
  CHECK(requests.sent() == sent);
}

TEST_CASE("A broker that is silent fails its questions by time-out; late answers find nobody") {
  MockKafka kafka(2);
  const auto client = connected(kafka.config(), 2);
  REQUIRE(await([&] { return up(*client, 2); }));
  kafka.set_round_trip(2, 4s);
  {
    RequestBatch requests = requests_to(*client, 1s);
    Outcome one, two;
    for (int i = 0; i < 10; ++i) requests.ask(question(2, two));
    requests.ask(question(1, one));
    requests.run();
    CHECK(one.answered == 1);
    REQUIRE(two.errors.size() == 10);
    CHECK(two.errors[0].reason() == Reason::kTimeout);
    CHECK(requests.lost(2));
    CHECK_FALSE(requests.answered().contains(2));
  }
  kafka.set_round_trip(2, 0ms);
  REQUIRE(await([&] {  // all right again, whatever came late
    RequestBatch requests = requests_to(*client, 5s);
    Outcome outcome;
    requests.ask(question(2, outcome));
    requests.run();
    return outcome.answered == 1;
  }));
}

TEST_CASE("A broker that is back is asked again by the next poll's requests") {
  MockKafka kafka(2);
  const auto client = connected(kafka.config(), 2);
  rd_kafka_mock_broker_set_down(kafka.cluster(), 2);
  Outcome down;
  {
    RequestBatch requests = requests_to(*client, 200ms);
    requests.ask(question(2, down));
    requests.run();
  }
  CHECK(down.errors.size() == 1);
  rd_kafka_mock_broker_set_up(kafka.cluster(), 2);
  REQUIRE(await([&] {
    client->refresh_brokers();  // librdkafka has forgotten it, for the other's metadata had
    RequestBatch requests = requests_to(*client, 5s);
    Outcome outcome;
    requests.ask(question(2, outcome));
    requests.run();
    return outcome.answered == 1;
  }));
}

TEST_CASE("At the deadline every question has failed, also those that still waited for their turn") {
  MockKafka kafka(2);
  const auto client = connected(kafka.config(), 2);
  REQUIRE(await([&] { return up(*client, 1) && up(*client, 2); }));
  kafka.set_round_trip(1, 1min);
  kafka.set_round_trip(2, 1min);
  RequestBatch requests(*client, steady_clock::now() + 100ms, 1min, never);
  Outcome outcome;
  for (int i = 0; i < 20; ++i) requests.ask(question(1 + i % 2, outcome));
  requests.run();
  CHECK(outcome.errors.size() == 20);
  for (const auto& error : outcome.errors) CHECK(error.reason() == Reason::kTimeout);

  Outcome after;  // later requests fail, too, and do not wait
  requests.ask(question(1, after));
  requests.run();
  CHECK(after.errors.size() == 1);
}

TEST_CASE("After the deadline nothing is asked, and no broker is blamed for that") {
  MockKafka kafka(2);
  const auto client = connected(kafka.config(), 2);
  REQUIRE(await([&] { return up(*client, 1); }));
  RequestBatch requests(*client, steady_clock::now(), 1min, never);
  Outcome outcome;
  for (int i = 0; i < 20; ++i) requests.ask(question(1 + i % 2, outcome));
  requests.run();
  REQUIRE(outcome.errors.size() == 20);
  for (const auto& error : outcome.errors) {
    CHECK(error.reason() == Reason::kTimeout);
    CHECK(std::string(error.what()) == "not sent: the deadline of the poll has passed");
  }
  CHECK_FALSE(requests.lost(1));
  CHECK(requests.sent().empty());
}

TEST_CASE("An answer that has arrived counts, however late it is read") {
  MockKafka kafka(2);
  const auto client = connected(kafka.config(), 2);
  REQUIRE(await([&] { return up(*client, 1) && up(*client, 2); }));
  kafka.set_round_trip(2, 50ms);
  const auto deadline = steady_clock::now() + 500ms;
  RequestBatch requests(*client, deadline, 1min, never);
  Outcome slow, late;
  auto first = question(1, slow);
  first.answered = [&](int16_t, std::string_view) { REQUIRE(await([&] { return steady_clock::now() > deadline; })); };
  requests.ask(std::move(first));
  requests.ask(question(2, late));
  requests.run();
  CHECK(late.answered == 1);
  CHECK(late.errors.empty());
  CHECK_FALSE(requests.lost(2));
}

TEST_CASE("A failed question may ask another, also at the deadline") {
  MockKafka kafka(2);
  const auto client = connected(kafka.config(), 2);
  REQUIRE(await([&] { return up(*client, 1); }));
  kafka.set_round_trip(1, 1min);
  RequestBatch requests(*client, steady_clock::now() + 100ms, 1min, never);
  Outcome second;
  auto first = question(1, second);
  first.failed = [&](const Error&) {
    requests.ask(question(1, second));
    requests.ask(question(42, second));
  };
  requests.ask(std::move(first));
  requests.run();
  requests.run();
  CHECK(second.errors.size() == 2);
}

TEST_CASE("run() returns when it is told to stop, whatever is in flight, and so does the end of the client") {
  MockKafka kafka(2);
  auto client = connected(kafka.config(), 2);
  REQUIRE(await([&] { return up(*client, 1) && up(*client, 2); }));
  kafka.set_round_trip(1, 1min);
  kafka.set_round_trip(2, 1min);
  std::atomic<bool> stop{false};
  Outcome outcome;
  {
    RequestBatch requests(*client, steady_clock::now() + 10min, 5min, [&] { return stop.load(); });
    for (int i = 0; i < 20; ++i) requests.ask(question(1 + i % 2, outcome));
    std::thread stopper([&] { stop = true; });
    requests.run();
    stopper.join();
    requests.ask(question(1, outcome));
    requests.run();  // and every later one too
  }
  client.reset();
  CHECK(outcome.answered == 0);
  CHECK(outcome.errors.empty());
}

TEST_CASE("A client may end before the requests that it carried") {
  MockKafka kafka(1);
  auto client = connected(kafka.config(), 1);
  REQUIRE(await([&] { return up(*client, 1); }));
  kafka.set_round_trip(1, 1min);
  Outcome outcome;
  RequestBatch requests(*client, steady_clock::now() + 10min, 5min, [] { return true; });
  for (int i = 0; i < 3; ++i) requests.ask(question(1, outcome));
  client.reset();
  CHECK(outcome.answered == 0);
}

TEST_CASE("An answer that cannot be decoded fails its question alone") {
  MockKafka kafka(1);
  const auto client = connected(kafka.config(), 1);
  RequestBatch requests = requests_to(*client);
  Outcome bad, good;
  auto broken = question(1, bad);
  broken.answered = [](int16_t, std::string_view) { throw protocol::DecodeError("3 bytes are missing"); };
  requests.ask(std::move(broken));
  requests.ask(question(1, good));
  requests.run();
  REQUIRE(bad.errors.size() == 1);
  CHECK(bad.errors[0].reason() == Reason::kProtocol);
  CHECK(std::string(bad.errors[0].what()) == "broker 1: response to Metadata v10: 3 bytes are missing");
  CHECK(good.answered == 1);
}

TEST_CASE("Any other exception ends the collector: none of its questions is answered later, in another's run()") {
  MockKafka kafka(2);
  const auto client = connected(kafka.config(), 2);
  RequestBatch requests = requests_to(*client);
  Outcome abandoned;
  auto broken = question(1, abandoned);
  broken.answered = [](int16_t, std::string_view) { throw std::length_error("memory"); };
  requests.ask(std::move(broken));
  for (int i = 0; i < 20; ++i) requests.ask(question(2, abandoned));
  kafka.set_round_trip(2, 300ms);
  CHECK_THROWS_AS(requests.run(), std::length_error);
  const int answered_before = abandoned.answered;
  Outcome next;
  requests.ask(question(1, next));
  requests.ask(question(2, next));
  requests.run();
  CHECK(next.answered == 2);
  CHECK(abandoned.answered == answered_before);
  CHECK(abandoned.errors.empty());
}

TEST_CASE("Ten thousand questions at once, and ten thousand that follow each other") {
  constexpr int kMany = 10'000;
  MockKafka kafka(3);
  const auto client = connected(kafka.config(), 3);
  RequestBatch requests = requests_to(*client, 5min);
  Outcome at_once;
  for (int i = 0; i < kMany; ++i) requests.ask(question(1 + i % 3, at_once));
  int left = kMany;
  Outcome chain;
  std::function<void(int16_t, std::string_view)> answered = [&](int16_t, std::string_view) {
    ++chain.answered;
    if (--left == 0) return;
    auto next = question(1 + left % 3, chain);
    next.answered = answered;
    requests.ask(std::move(next));
  };
  auto first = question(1, chain);
  first.answered = answered;
  requests.ask(std::move(first));
  requests.run();
  CHECK(at_once.answered == kMany);
  CHECK(chain.answered == kMany);
  CHECK(at_once.errors.empty());
  CHECK(chain.errors.empty());
}

TEST_CASE("A step or phase whose time is over loses the brokers that are silent, and leaves time to ask the others") {
  MockKafka kafka(2);
  const auto client = connected(kafka.config(), 2);
  REQUIRE(await([&] { return up(*client, 1) && up(*client, 2); }));
  kafka.set_round_trip(1, 1min);
  Outcome one, two;
  const auto ask_both = [&](RequestBatch& requests) {
    requests.ask(question(1, one));
    requests.ask(question(2, two));
  };
  SECTION("a step") {
    RequestBatch requests(*client, steady_clock::now() + 1min, 1min, never);
    ask_both(requests);
    requests.run(0.005);
    CHECK(requests.lost(1));
    ask_both(requests);
    requests.run();
  }
  SECTION("a phase") {
    RequestBatch requests(*client, steady_clock::now() + 300ms, 1min, never);
    ask_both(requests);
    requests.run();
    CHECK(requests.lost(1));
    requests.set_deadline(steady_clock::now() + 1min);
    ask_both(requests);
    requests.run();
  }
  REQUIRE(one.errors.size() == 2);
  CHECK(one.errors[0].reason() == Reason::kTimeout);
  CHECK(one.answered == 0);
  CHECK(two.errors.empty());
  CHECK(two.answered == 2);
}

TEST_CASE("What is asked again is asked within run(), unless that is stopped or ends before") {
  MockKafka kafka(1);
  const auto client = connected(kafka.config(), 1);
  REQUIRE(await([&] { return up(*client, 1); }));
  bool stop = false;
  RequestBatch requests(*client, steady_clock::now() + 1min, 1min, [&] { return stop; });
  Outcome again;
  bool asked = false;
  auto first = question(1, again);
  first.answered = [&](int16_t, std::string_view) { asked = requests.ask_again(question(1, again)); };
  SECTION("asked") {
    requests.ask(std::move(first));
    requests.run();
    CHECK(asked);
    CHECK(again.answered == 1);
  }
  SECTION("stopped") {
    first.answered = [&](int16_t, std::string_view) { stop = requests.ask_again(question(1, again)); };
    requests.ask(std::move(first));
    requests.run();
    stop = false;
    requests.run();  // nothing is left of it
    CHECK(again.answered == 0);
  }
  SECTION("too late") {
    requests.set_deadline(steady_clock::now() + 90ms);  // less than the delay
    requests.ask(std::move(first));
    requests.run();
    CHECK_FALSE(asked);
    CHECK(again.answered == 0);
  }
}
