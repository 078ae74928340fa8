#include "kafka/collect/record_times.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "kafka/collecting.h"

using namespace kafkascope::kafka;
namespace model = kafkascope::model;
using kafkascope::protocol::kListOffsets;
using model::kFirstUsableTime;

namespace {

constexpr int64_t kDay = 86'400'000, kNow = kFirstUsableTime + 1000 * kDay;

/// Returns what was read, as text like "partition/offset:time", where time is in days since kFirstUsableTime.
std::vector<std::string> texts(const std::vector<model::RecordTime>& times) {
  std::vector<std::string> texts;
  for (const auto& [partition, offset, ms] : times) {
    const std::string time = ms == model::RecordTime::kFailed ? "failed"
                             : ms == model::RecordTime::kNone ? "none"
                                                              : std::to_string((ms - kFirstUsableTime) / kDay);
    texts.push_back(std::to_string(partition) + "/" + std::to_string(offset) + ":" + time);
  }
  return texts;
}
using Texts = std::vector<std::string>;

const std::vector<model::Value> kOffsets{{10, {}}, {11, {}}, {12, {}}, {}};

Texts newest(Asking& asking, const std::vector<uint32_t>& partitions) {
  return texts(collect_newest_times(asking.requests, asking.metadata(), partitions, kOffsets, asking.failures));
}
Texts oldest(Asking& asking, const std::vector<uint32_t>& partitions) {
  return texts(collect_oldest_times(asking.requests, asking.metadata(), partitions, kOffsets, asking.failures));
}

/// Topic a: partition 0 of broker 1, partition 1 of broker 2, without records. Topic b: of broker 1.
void fill(FakeKafka& kafka) {
  kafka.set_topic("a", {{.leader = 1, .end = 3, .times = {kNow - kDay, kNow, kNow - 2 * kDay}}, {.leader = 2}});
  kafka.set_topic("b", {{.leader = 1, .end = 3, .times = {1'700'000'000, kNow - 3 * kDay, kNow - 4 * kDay}},
                        {.leader = model::kNoBroker}});
}

}  // namespace

TEST_CASE("The highest and the first timestamp come from each partition's leader, one request per leader") {
  FakeKafka kafka(2);
  fill(kafka);
  const auto client = connected(kafka.config(), 2);
  Asking asking(*client);
  CHECK(newest(asking, {0, 1, 2}) == Texts{"0/10:1000", "1/11:none", "2/12:997"});
  CHECK(asking.sent(kListOffsets) == 2);
  CHECK(oldest(asking, {0, 1, 2}) == Texts{"0/10:999", "1/11:none", "2/12:997"});  // not the one of 1970
  CHECK(asking.sent(kListOffsets) == 4);
  CHECK(asking.failures.take() == kNone);
}

TEST_CASE("Timestamps of partitions without a leader fail, without a failure of the collector") {
  FakeKafka kafka(2);
  fill(kafka);
  const auto client = connected(kafka.config(), 2);
  Asking asking(*client);
  CHECK(newest(asking, {0, 3}) == Texts{"0/10:1000", "3/-1:failed"});
  CHECK(oldest(asking, {3}) == Texts{"3/-1:failed"});
  CHECK(asking.failures.take() == kNone);
}

TEST_CASE("Nothing is asked for no partitions") {
  FakeKafka kafka(1);
  fill(kafka);
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  CHECK(newest(asking, {}).empty());
  CHECK(oldest(asking, {}).empty());
  CHECK(asking.sent(kListOffsets) == 0);
}

TEST_CASE("Brokers before Kafka 3.0 are not asked for the newest record") {
  FakeKafka kafka(1);
  kafka.set_topic("a", {{.leader = 1, .end = 1, .times = {kNow}}});
  kafka.limit(kListOffsets, 6);
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  CHECK(newest(asking, {0}) == Texts{"0/10:failed"});
  CHECK(asking.sent(kListOffsets) == 0);
  CHECK(oldest(asking, {0}) == Texts{"0/10:1000"});
  CHECK(asking.failures.take() == kNone);
}

TEST_CASE("A partition whose timestamp may not be read fails, and the collector says why") {
  FakeKafka kafka(1);
  kafka.set_topic("a", {{.leader = 1, .end = 1, .times = {kNow}}});
  kafka.on(1, kListOffsets, offsets_fail(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  CHECK(newest(asking, {0}) == Texts{"0/10:failed"});
  CHECK(asking.failure().reason == model::Reason::kAuthorization);
}
