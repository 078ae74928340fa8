#include "kafka/collect/eligible_leaders.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "kafka/collecting.h"
#include "kafka/fake_answers.h"

using namespace kafkascope::kafka;
namespace model = kafkascope::model;
namespace protocol = kafkascope::protocol;
using kafkascope::protocol::kDescribeTopicPartitions;
using model::Reason;
using Eligible = std::map<uint32_t, std::vector<int32_t>>;
using Topics = std::vector<uint32_t>;

namespace {

const FakeKafka::Partition kWhole{.replicas = {1, 2, 3}, .in_sync = {1, 2, 3}};
const FakeKafka::Partition kTwoInSync{.replicas = {1, 2, 3}, .in_sync = {1, 2}};
const FakeKafka::Partition kOneInSync{.replicas = {1, 2, 3}, .in_sync = {1}};

EligibleLeaders collect(Asking& asking, const model::Snapshot& last = {},
                        const std::vector<int32_t>& candidates = {1}) {
  EligibleLeaders collected;
  collect_eligible_leaders(asking.requests, candidates, asking.metadata(), last, collected, asking.failures);
  return collected;
}

/// A snapshot that knows the settings of all topics.
model::Snapshot with_min_in_sync(const Asking& asking, int32_t min_in_sync) {
  model::Snapshot last;
  last.numbering = asking.shared_metadata();
  last.settings.resize(asking.metadata().topics.size());
  for (auto& settings : last.settings) settings.value.emplace().min_in_sync = min_in_sync;
  return last;
}

/// Requests to a broker that responds with the next of some responses each time.
struct ReadState {
  std::vector<std::vector<std::string>> topics;
  std::vector<std::string> cursors;

  FakeKafka::Answer answer(std::vector<FakeKafka::Answer> answers) {
    return [this, answers](int16_t version, std::string_view body) {
      const auto [names, cursor] = asked_partitions(body);
      topics.push_back(names);
      cursors.push_back(cursor);
      return answers.at(std::min(topics.size(), answers.size()) - 1)(version, body);
    };
  }
};

}  // namespace

TEST_CASE("Nobody is asked about eligible leaders while enough replicas are in sync") {
  FakeKafka kafka(1);
  kafka.set_topic("t", {kWhole, kTwoInSync});
  kafka.on(1, kDescribeTopicPartitions, topic_partitions({}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  const auto collected = collect(asking, with_min_in_sync(asking, 2));
  CHECK(collected.eligible.empty());
  CHECK(collected.unknown.empty());
  CHECK(asking.sent(kDescribeTopicPartitions) == 0);
}

TEST_CASE("Topics with a partition below the least number of in-sync replicas are asked about in one request") {
  FakeKafka kafka(1);
  kafka.set_topic("a", {kWhole, kOneInSync});
  kafka.set_topic("b", {kTwoInSync});
  kafka.set_topic("c", {kOneInSync});
  ReadState asked;
  kafka.on(1, kDescribeTopicPartitions,
           asked.answer({topic_partitions({{"a", {{0, {}}, {1, {2, 3}}}}, {"c", {{0, {3}}}}})}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  const auto collected = collect(asking, with_min_in_sync(asking, 2));
  CHECK(asked.topics == std::vector<std::vector<std::string>>{{"a", "c"}});
  CHECK(asked.cursors == std::vector<std::string>{""});
  CHECK(collected.eligible == Eligible{{0, {}}, {1, {2, 3}}, {3, {3}}});
  CHECK(collected.unknown.empty());
  CHECK(asking.failures.take() == kNone);
}

TEST_CASE("Eligible leaders after an election that the metadata does not show tell nothing of those before it") {
  FakeKafka kafka(1);
  kafka.set_topic("a", {kOneInSync});
  kafka.set_topic("b", {kOneInSync});
  kafka.on(1, kDescribeTopicPartitions, topic_partitions({{"a", {{0, {}}}, 0, 1}, {"b", {{0, {2}}}}}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  const auto collected = collect(asking, with_min_in_sync(asking, 2));
  CHECK(collected.unknown == std::vector<uint32_t>{0});
  CHECK(collected.eligible.at(1) == std::vector<int32_t>{2});
}

TEST_CASE("Where a topic's settings are not known, every replica that is out of sync counts") {
  FakeKafka kafka(1);
  kafka.set_topic("t", {kTwoInSync});
  kafka.on(1, kDescribeTopicPartitions, topic_partitions({{"t", {{0, {}}}}}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  collect(asking);
  CHECK(asking.sent(kDescribeTopicPartitions) == 1);
}

TEST_CASE("A topic cannot want more in-sync replicas than it has") {
  FakeKafka kafka(1);
  kafka.set_topic("t", {kWhole});
  kafka.on(1, kDescribeTopicPartitions, topic_partitions({}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  collect(asking, with_min_in_sync(asking, 5));
  CHECK(asking.sent(kDescribeTopicPartitions) == 0);
}

TEST_CASE("A broker too old for eligible leaders has none, which is no failure") {
  FakeKafka kafka(1);
  kafka.set_topic("t", {kOneInSync});
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  const auto collected = collect(asking);
  CHECK(collected.eligible.empty());
  CHECK(collected.unknown.empty());
  CHECK(asking.failures.take() == kNone);
}

TEST_CASE("An answer that is not whole goes on where its cursor says, in the middle of a topic") {
  FakeKafka kafka(1);
  kafka.set_topic("a", {kOneInSync});
  kafka.set_topic("b", {kOneInSync, kOneInSync});
  kafka.set_topic("c", {kOneInSync});
  ReadState asked;
  kafka.on(1, kDescribeTopicPartitions,
           asked.answer({topic_partitions({{"a", {{0, {2}}}}, {"b", {{0, {3}}}}}, CursorIs{"b", 1}),
                         topic_partitions({{"b", {{1, {2, 3}}}}, {"c", {{0, {}}}}})}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  const auto collected = collect(asking);
  CHECK(asked.topics == std::vector<std::vector<std::string>>{{"a", "b", "c"}, {"b", "c"}});
  CHECK(asked.cursors == std::vector<std::string>{"", "b/1"});
  CHECK(collected.eligible == Eligible{{0, {2}}, {1, {3}}, {2, {2, 3}}, {3, {}}});
  CHECK(collected.unknown.empty());
}

TEST_CASE("A cursor that never comes to an end costs five requests; what is left is not known") {
  FakeKafka kafka(1);
  kafka.set_topic("a", {kOneInSync});
  kafka.set_topic("b", {kOneInSync, kOneInSync});
  kafka.set_topic("c", {kOneInSync});
  kafka.on(1, kDescribeTopicPartitions, topic_partitions({{"a", {{0, {2}}}}, {"b", {{0, {3}}}}}, CursorIs{"b", 1}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  const auto collected = collect(asking);
  CHECK(asking.sent(kDescribeTopicPartitions) == 5);
  CHECK(collected.unknown == Topics{1, 2});
  CHECK(asking.failures.take() == kNone);
}

TEST_CASE("A cursor behind the last topic that was asked about ends the questions") {
  FakeKafka kafka(1);
  kafka.set_topic("a", {kOneInSync});
  kafka.on(1, kDescribeTopicPartitions, topic_partitions({{"a", {{0, {2}}}}}, CursorIs{"z", 0}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  const auto collected = collect(asking);
  CHECK(collected.eligible == Eligible{{0, {2}}});
  CHECK(collected.unknown.empty());
  CHECK(asking.sent(kDescribeTopicPartitions) == 1);
}

TEST_CASE("Topics and partitions that nobody knows do no harm; of two answers for one the last counts") {
  FakeKafka kafka(1);
  kafka.set_topic("t", {kOneInSync});
  kafka.on(1, kDescribeTopicPartitions,
           topic_partitions({{"s", {{0, {9}}}}, {"t", {{-1, {9}}, {0, {9}}, {1, {9}}}}, {"t", {{0, {2, 3}}}}}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  CHECK(collect(asking).eligible == Eligible{{0, {2, 3}}});
  CHECK(asking.failures.take() == kNone);
}

TEST_CASE("A topic that the broker tells an error of is not known") {
  FakeKafka kafka(1);
  kafka.set_topic("a", {kOneInSync});
  kafka.set_topic("b", {kOneInSync});
  kafka.on(1, kDescribeTopicPartitions,
           topic_partitions({{"a", {}, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART}, {"b", {{0, {3}}}}}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  const auto collected = collect(asking);
  CHECK(collected.eligible == Eligible{{1, {3}}});
  CHECK(collected.unknown == Topics{0});
}

TEST_CASE("A broker that is silent about eligible leaders leaves them unknown") {
  FakeKafka kafka(1);
  kafka.set_topic("t", {kOneInSync});
  kafka.hang(1, kDescribeTopicPartitions);
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client, 1s);
  const auto collected = collect(asking);
  CHECK(collected.unknown == Topics{0});
  CHECK(asking.failure().reason == Reason::kTimeout);
}

TEST_CASE("With nobody to ask, eligible leaders are unknown") {
  FakeKafka kafka(1);
  kafka.set_topic("t", {kOneInSync});
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  CHECK(collect(asking, {}, {}).unknown == Topics{0});
  CHECK(asking.failures.take() == kNone);
}
