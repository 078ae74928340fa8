#include "kafka/collect/replica_ends.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "kafka/collecting.h"

using namespace kafkascope::kafka;
namespace model = kafkascope::model;
using kafkascope::protocol::kListOffsets;

namespace {

using Ends = std::vector<model::ReplicaEnd>;

Ends collect(Asking& asking) { return collect_replica_ends(asking.requests, asking.metadata(), asking.failures); }

/// Topic a: partitions 0 and 1, topic b: partitions 2 and 3. Broker 2 is behind on 0 and 2, broker 3 on 2.
void fill(FakeKafka& kafka) {
  kafka.set_topic("a", {{.leader = 1, .end = 100, .replicas = {1, 2}, .in_sync = {1}, .ends = {{2, 60}}},
                        {.leader = 2, .end = 100, .replicas = {1, 2}, .in_sync = {1, 2}}});
  kafka.set_topic("b", {{.leader = 1, .end = 50, .replicas = {1, 2, 3}, .in_sync = {1}, .ends = {{2, 50}, {3, 0}}},
                        {.leader = model::kNoBroker, .replicas = {2}, .in_sync = {}}});
}

}  // namespace

TEST_CASE("Followers that are not in sync report the ends of their logs, in one request per broker") {
  FakeKafka kafka(3);
  fill(kafka);
  const auto client = connected(kafka.config(), 3);
  Asking asking(*client);
  CHECK(collect(asking) == Ends{{2, 0, 60}, {2, 2, 50}, {3, 2, 0}});
  CHECK(asking.sent(kListOffsets) == 2);
  CHECK(kafka.got(1, kListOffsets) == 0);
  CHECK(asking.failures.take() == kNone);
}

TEST_CASE("No log end is requested while all replicas are in sync, have no leader, or are on brokers that are down") {
  FakeKafka kafka(2);
  kafka.set_topic("a", {{.leader = 1, .replicas = {1, 2}, .in_sync = {1, 2}},
                        {.leader = model::kNoBroker, .replicas = {1, 2}, .in_sync = {}},
                        {.leader = 1, .replicas = {1, 7}, .in_sync = {1}}});
  const auto client = connected(kafka.config(), 2);
  Asking asking(*client);
  CHECK(collect(asking).empty());
  CHECK(asking.sent(kListOffsets) == 0);
}

TEST_CASE("A broker without the replica leaves its end out, which is no failure of the collector") {
  for (const auto error : {RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR,
                           RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE}) {
    INFO(error);
    FakeKafka kafka(3);
    fill(kafka);
    kafka.on(2, kListOffsets, offsets_fail(static_cast<int16_t>(error)));
    const auto client = connected(kafka.config(), 3);
    Asking asking(*client);
    CHECK(collect(asking) == Ends{{3, 2, 0}});
    CHECK(asking.failures.take() == kNone);
  }
}

TEST_CASE("A broker that refuses, is silent, or returns another partition costs its own log ends only") {
  FakeKafka kafka(3);
  fill(kafka);
  const auto client = connected(kafka.config(), 3);
  Asking asking(*client, 1s);
  SECTION("refuses") {
    kafka.on(2, kListOffsets, offsets_fail(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED));
    CHECK(collect(asking) == Ends{{3, 2, 0}});
    const auto failures = asking.failures.take();
    REQUIRE(failures.size() == 2);
    CHECK(failures.front().reason == model::Reason::kAuthorization);
    CHECK(failures.front().what.starts_with("log end of a replica of topic a on broker 2: "));
  }
  SECTION("silent") {
    kafka.hang(2, kListOffsets);
    CHECK(collect(asking) == Ends{{3, 2, 0}});
    CHECK(asking.failure().reason == model::Reason::kTimeout);
  }
  SECTION("nonsense") {
    kafka.on(2, kListOffsets, [](int16_t, std::string_view) { return std::string(9, '\x7f'); });
    CHECK(collect(asking) == Ends{{3, 2, 0}});
    CHECK(asking.failure().reason == model::Reason::kProtocol);
  }
}
