#include "kafka/collect/quorum.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "kafka/collecting.h"
#include "kafka/fake_answers.h"

using namespace kafkascope::kafka;
namespace model = kafkascope::model;
namespace protocol = kafkascope::protocol;
using kafkascope::protocol::kDescribeQuorum;
using model::ReadState;
using model::Reason;

namespace {

constexpr int16_t kUnauthorized = 31, kNotLeader = 6;

CollectedQuorum collect(Asking& asking, const std::vector<int32_t>& candidates = {1}) {
  return collect_quorum(asking.requests, candidates, asking.metadata(), asking.failures);
}

}  // namespace

TEST_CASE("The quorum's leader is the controller, whomever the metadata names; voters come before observers") {
  FakeKafka kafka(1);
  kafka.on(1, kDescribeQuorum, quorum({.leader = 3, .voters = {{3, 100, 5000}, {2, 90}}, .observers = {{1, 80}}}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  const auto collected = collect(asking);
  CHECK(asking.failures.take() == kNone);
  CHECK(collected.state == ReadState::kOk);
  CHECK(collected.controller == 3);
  CHECK(collected.quorum.leader == 3);
  CHECK(collected.quorum.leader_epoch == 5);
  CHECK(collected.quorum.high_watermark == 100);
  REQUIRE(collected.quorum.replicas.size() == 3);
  CHECK(collected.quorum.replicas[0].id == 3);
  CHECK(collected.quorum.replicas[0].voter);
  CHECK(collected.quorum.replicas[0].log_end_offset == 100);
  CHECK(collected.quorum.replicas[0].last_caught_up_ms == 5000);
  CHECK(collected.quorum.replicas[1].voter);
  CHECK(collected.quorum.replicas[1].last_caught_up_ms == -1);
  CHECK_FALSE(collected.quorum.replicas[2].voter);
}

TEST_CASE("An older broker tells the quorum without times") {
  FakeKafka kafka(1);
  kafka.limit(kDescribeQuorum, 0);
  kafka.on(1, kDescribeQuorum, quorum({.voters = {{1, 100, 5000}}}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  const auto collected = collect(asking);
  CHECK(asking.failures.take() == kNone);
  REQUIRE(collected.quorum.replicas.size() == 1);
  CHECK(collected.quorum.replicas[0].log_end_offset == 100);
  CHECK(collected.quorum.replicas[0].last_caught_up_ms == -1);
}

TEST_CASE("A replica that the quorum names twice is there once, as a voter") {
  FakeKafka kafka(1);
  kafka.on(1, kDescribeQuorum, quorum({.voters = {{1, 100}, {1, 90}}, .observers = {{1, 80}, {2, 70}, {2, 60}}}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  const auto collected = collect(asking);
  REQUIRE(collected.quorum.replicas.size() == 2);
  CHECK(collected.quorum.replicas[0].log_end_offset == 100);
  CHECK(collected.quorum.replicas[0].voter);
  CHECK(collected.quorum.replicas[1].log_end_offset == 70);
}

TEST_CASE("A quorum without a leader is read, and there is no controller") {
  FakeKafka kafka(1);
  kafka.on(1, kDescribeQuorum, quorum({.leader = model::kNoBroker, .voters = {{1, 100}}}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  const auto collected = collect(asking);
  CHECK(collected.state == ReadState::kOk);
  CHECK(collected.controller == std::nullopt);
}

TEST_CASE("With ZooKeeper there is no quorum and no failure; the metadata names the controller, if there is one") {
  FakeKafka kafka(2);
  kafka.set_controller(2);
  const auto client = connected(kafka.config(), 2);
  {
    Asking asking(*client);
    const auto collected = collect(asking, {1, 2});
    CHECK(collected.state == ReadState::kNotRequested);
    CHECK(collected.controller == 2);
    CHECK(asking.failures.take() == kNone);
  }
  kafka.set_controller(model::kNoBroker);
  Asking asking(*client);
  CHECK(collect(asking, {1, 2}).controller == std::nullopt);
  CHECK(asking.failures.take() == kNone);
}

TEST_CASE("Who may not describe the cluster is told what to grant, and nobody else is asked") {
  FakeKafka kafka(2);
  for (const int32_t broker : {1, 2}) kafka.on(broker, kDescribeQuorum, quorum({.error = kUnauthorized}));
  const auto client = connected(kafka.config(), 2);
  Asking asking(*client);
  const auto collected = collect(asking, {1, 2});
  CHECK(collected.state == ReadState::kFailed);
  CHECK(collected.controller == std::nullopt);
  const auto failure = asking.failure();
  CHECK(failure.reason == Reason::kAuthorization);
  CHECK(failure.what == "the quorum and the controller: grant DESCRIBE on the cluster");
  CHECK(asking.sent(kDescribeQuorum) == 1);
}

TEST_CASE("Another error of the quorum is a failure in Kafka's words") {
  FakeKafka kafka(1);
  kafka.on(1, kDescribeQuorum, quorum({.error = kNotLeader}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  CHECK(collect(asking).state == ReadState::kFailed);
  CHECK(asking.failure().what == "describing the quorum: Broker: Not leader for partition");
}

TEST_CASE("An answer about the quorum that makes no sense is a failure of the protocol") {
  FakeKafka kafka(1);
  kafka.on(1, kDescribeQuorum, [](int16_t, std::string_view) { return std::string("\x00\x00\xff", 3); });
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  CHECK(collect(asking).state == ReadState::kFailed);
  CHECK(asking.failure().reason == Reason::kProtocol);
}

TEST_CASE("A broker that waits for a controller is waited for once: the others would wait, too") {
  FakeKafka kafka(3);
  for (const int32_t broker : {1, 2, 3}) kafka.hang(broker, kDescribeQuorum);
  const auto client = connected(kafka.config(), 3);
  Asking(*client, 1s);  // connects; this is no response of the next poll
  Asking asking(*client, 1s);
  RequestBatch requests = requests_to(*client, 1s);
  const std::vector<int32_t> candidates{1, 2, 3};
  const auto collected = collect_quorum(requests, candidates, asking.metadata(), asking.failures);
  CHECK(collected.state == ReadState::kFailed);
  CHECK(asking.failure().reason == Reason::kTimeout);
  CHECK(requests.sent().at("DescribeQuorum") == 1);
}

TEST_CASE("A broker that is down is passed over when the quorum is asked for") {
  FakeKafka kafka(2);
  kafka.on(1, kDescribeQuorum, quorum({}));
  kafka.on(2, kDescribeQuorum, quorum({}));
  const auto client = connected(kafka.config(), 2);
  Asking asking(*client);
  kafka.kill(2);
  // librdkafka may notice only when it sends a request, which then fails.
  REQUIRE(await([&] { return asking.requests.version(2, kDescribeQuorum) < 0; }));
  CHECK(collect(asking, {2, 1}).state == ReadState::kOk);
  CHECK(asking.failures.take() == kNone);
}

TEST_CASE("Nobody to ask about the quorum is a failure") {
  FakeKafka kafka(1);
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  CHECK(collect(asking, {}).state == ReadState::kFailed);
  CHECK(asking.failure().what == "no broker is connected");
}
