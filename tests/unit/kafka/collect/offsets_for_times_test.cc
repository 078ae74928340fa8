#include "kafka/collect/offsets_for_times.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "kafka/collecting.h"

using namespace kafkascope::kafka;
namespace model = kafkascope::model;
namespace protocol = kafkascope::protocol;
using kafkascope::protocol::kListOffsets;
using model::Reason;

namespace {

/// What was found, as text like "partition:offset@timestamp", sorted.
std::vector<std::string> collect(Asking& asking, const std::vector<WantedOffset>& wanted) {
  std::vector<std::string> found;
  for (const auto& [partition, offset, timestamp] :
       collect_offsets_for_times(asking.requests, asking.metadata(), wanted, asking.failures))
    found.push_back(std::to_string(partition) + ":" + std::to_string(offset) + "@" + std::to_string(timestamp));
  std::sort(found.begin(), found.end());
  return found;
}

using Found = std::vector<std::string>;

}  // namespace

TEST_CASE("The first record of a time or later comes from each partition's leader, one request a leader") {
  FakeKafka kafka(2);
  kafka.set_topic("a", {{.leader = 1, .start = 10, .end = 13, .times = {100, 200, 300}},
                        {.leader = 2, .start = 0, .end = 2, .times = {100, 200}}});
  kafka.set_topic("b", {{.leader = 1, .start = 5, .end = 6, .times = {700}}});
  const auto client = connected(kafka.config(), 2);
  Asking asking(*client);
  CHECK(collect(asking, {{0, 150}, {1, 200}, {2, 0}}) == Found{"0:11@200", "1:1@200", "2:5@700"});
  CHECK(asking.failures.take() == kNone);
  CHECK(asking.sent(kListOffsets) == 2);
}

TEST_CASE("Where no record is as new, that is the answer") {
  FakeKafka kafka(1);
  kafka.set_topic("t", {{.end = 1, .times = {100}}});
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  CHECK(collect(asking, {{0, 101}}) == Found{"0:-1@-1"});
  CHECK(asking.failures.take() == kNone);
}

TEST_CASE("Nothing that is wanted is nothing that is asked") {
  FakeKafka kafka(1, 1);
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  CHECK(collect(asking, {}).empty());
  CHECK(asking.sent(kListOffsets) == 0);
}

TEST_CASE("Partitions without a leader, or whose leader has moved or forgotten the topic, are left to the next poll") {
  FakeKafka kafka(2);
  kafka.set_topic("a", {{.leader = model::kNoBroker}, {.leader = 1, .end = 1, .times = {100}}});
  kafka.set_topic("b", {{.leader = 1}});
  const auto client = connected(kafka.config(), 2);
  Asking asking(*client);
  kafka.set_topic("a", {{.leader = 2}, {.leader = 2}});
  kafka.delete_topic("b");
  CHECK(collect(asking, {{0, 1}, {1, 1}, {2, 1}}).empty());
  CHECK(asking.failures.take() == kNone);
  CHECK(kafka.got(1, kListOffsets) == 1);
  CHECK(kafka.got(2, kListOffsets) == 0);
}

TEST_CASE("A time index that may not be asked is a failure, told once a topic") {
  FakeKafka kafka(1);
  kafka.set_topic("t", {{}, {}, {}});
  kafka.on(1, kListOffsets, offsets_fail(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  CHECK(collect(asking, {{0, 1}, {1, 1}, {2, 1}}).empty());
  const auto failure = asking.failure();
  CHECK(failure.reason == Reason::kAuthorization);
  CHECK(failure.what.starts_with("append times of topic t: "));
}

TEST_CASE("A leader that is silent about times costs its own partitions only") {
  FakeKafka kafka(2);
  kafka.set_topic("t", {{.leader = 1, .end = 1, .times = {100}}, {.leader = 2, .end = 1, .times = {100}}});
  kafka.hang(2, kListOffsets);
  const auto client = connected(kafka.config(), 2);
  Asking asking(*client, 1s);
  CHECK(collect(asking, {{0, 1}, {1, 1}}) == Found{"0:0@100"});
  CHECK(asking.failure().reason == Reason::kTimeout);
}

TEST_CASE("Times of a partition that we do not know are a failure of the protocol") {
  FakeKafka kafka(1);
  kafka.set_topic("t", {{.end = 1, .times = {100}}});
  kafka.on(1, kListOffsets, [](int16_t, std::string_view) {
    protocol::Writer out(true);
    out.int32(0).array(1).string("t").array(1).int32(7).int16(0).int64(5).int64(5).int32(0).tags().tags();
    return out.tags().take();
  });
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  CHECK(collect(asking, {{0, 1}}).empty());
  CHECK(asking.failure().reason == Reason::kProtocol);
}
