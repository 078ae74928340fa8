#include "kafka/collect/reassignments.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "kafka/collecting.h"
#include "kafka/fake_answers.h"

using namespace kafkascope::kafka;
namespace config = kafkascope::config;
namespace model = kafkascope::model;
namespace protocol = kafkascope::protocol;
using kafkascope::protocol::kListPartitionReassignments;
using model::Reason;
using Moving = std::vector<model::PartitionRef>;

namespace {

constexpr int16_t kUnauthorized = 31, kNotController = 41;

std::optional<Moving> collect(Asking& asking) {
  return collect_reassignments(asking.requests, 1, 3s, asking.metadata(), asking.failures);
}

}  // namespace

TEST_CASE("No partition that is moved is an answer, too") {
  FakeKafka kafka(1, 1);
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  CHECK(collect(asking) == Moving{});
  CHECK(asking.failures.take() == kNone);
}

TEST_CASE("Partitions that are moved are told sorted and each once, however often they are named") {
  FakeKafka kafka(1, 2);
  kafka.on(1, kListPartitionReassignments, reassignments({{"t1", 1}, {"t0", 1}, {"t1", 1}, {"t1", 0}}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  CHECK(collect(asking) == Moving{{0, 1}, {1, 0}, {1, 1}});
  CHECK(asking.failures.take() == kNone);
}

TEST_CASE("What is moved of topics that the filter leaves out, or that are not there, is of no account") {
  FakeKafka kafka(1, 2);
  kafka.on(1, kListPartitionReassignments,
           reassignments({{"t0", 0}, {"t1", 0}, {"t1", 2}, {"t1", -1}, {"unknown", 0}}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client, 1min, config::Filter("t1", "^$"));
  CHECK(collect(asking) == Moving{{0, 0}});
  CHECK(asking.failures.take() == kNone);
}

TEST_CASE("The broker is told how long it may look for reassignments") {
  FakeKafka kafka(1);
  int32_t asked = 0;
  kafka.on(1, kListPartitionReassignments, [&](int16_t version, std::string_view body) {
    asked = protocol::Reader(body, true).int32();
    return reassignments({})(version, body);
  });
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  collect(asking);
  CHECK(asked == 3000);
}

TEST_CASE("Refused reassignments are not told, and a failure says why") {
  FakeKafka kafka(1, 1);
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client, 1s);
  SECTION("we may not") {
    kafka.on(1, kListPartitionReassignments, reassignments({{"t0", 0}}, kUnauthorized));
    CHECK(collect(asking) == std::nullopt);
    const auto failure = asking.failure();
    CHECK(failure.reason == Reason::kAuthorization);
    CHECK(failure.what == "reassignments: grant DESCRIBE on the cluster");
  }
  SECTION("with ZooKeeper, the controller has just changed") {
    kafka.on(1, kListPartitionReassignments, reassignments({}, kNotController));
    CHECK(collect(asking) == std::nullopt);
    CHECK(asking.failure().what.starts_with("listing reassignments: "));
  }
  SECTION("the answer makes no sense") {
    kafka.on(1, kListPartitionReassignments, [](int16_t, std::string_view) { return std::string(6, '\x7f'); });
    CHECK(collect(asking) == std::nullopt);
    CHECK(asking.failure().reason == Reason::kProtocol);
  }
  SECTION("the broker is silent") {
    kafka.hang(1, kListPartitionReassignments);
    CHECK(collect(asking) == std::nullopt);
    CHECK(asking.failure().reason == Reason::kTimeout);
  }
}
