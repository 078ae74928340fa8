#include "kafka/collect/transactions.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "kafka/collecting.h"
#include "protocol/describe_producers.h"
#include "protocol/describe_transactions.h"
#include "protocol/list_transactions.h"

using namespace kafkascope::kafka;
namespace model = kafkascope::model;
namespace protocol = kafkascope::protocol;
using protocol::kDescribeProducers;
using protocol::kDescribeTransactions;
using protocol::kListOffsets;
using protocol::kListTransactions;

namespace {

struct TransactionIs {
  std::string id;
  int64_t producer;
  std::string state = "Ongoing";
  int16_t error = 0;
};

FakeKafka::Answer listed(std::vector<TransactionIs> transactions, int16_t error = 0) {
  return [=](int16_t, std::string_view) {
    protocol::Writer out(true);
    out.int32(0).int16(error).array(0).array(transactions.size());
    for (const auto& is : transactions) out.string(is.id).int64(is.producer).string(is.state).tags();
    return out.tags().take();
  };
}

/// Each began at 1000 with a timeout of 60 s, and has to do with t0, partitions 1 and 0, and a topic that is unknown.
FakeKafka::Answer described(std::vector<TransactionIs> transactions) {
  return [=](int16_t, std::string_view) {
    protocol::Writer out(true);
    out.int32(0).array(transactions.size());
    for (const auto& is : transactions) {
      out.int16(is.error).string(is.id).string(is.state).int32(60'000).int64(1000).int64(is.producer).int16(3);
      out.array(2).string("t0").array(2).int32(1).int32(0).tags().string("unknown").array(1).int32(0).tags().tags();
    }
    return out.tags().take();
  };
}

struct ProducerIs {
  int64_t id, start;
};

/// The producers of t0, partition 0.
FakeKafka::Answer producers(std::vector<ProducerIs> producers, int16_t error = 0) {
  return [=](int16_t, std::string_view) {
    protocol::Writer out(true);
    out.int32(0).array(1).string("t0").array(1).int32(0).int16(error).null_string().array(producers.size());
    for (const auto& is : producers) out.int64(is.id).int32(5).int32(1).int64(2000).int32(0).int64(is.start).tags();
    return out.tags().tags().tags().take();
  };
}

/// Two brokers that know no transactions. Broker 1 leads t0, whose partition 0 has ten records, three of them open.
class Cluster : public FakeKafka {
 public:
  Cluster() : FakeKafka(2) {
    set_topic("t0", {{.leader = 1, .end = 10, .open = 3}, {.leader = 1, .end = 4}});
    for (const int32_t broker : {1, 2}) {
      on(broker, kListTransactions, listed({}));
      on(broker, kDescribeTransactions, described({}));
      on(broker, kDescribeProducers, producers({}));
    }
  }
};

model::TransactionsResult collect(Asking& asking, const TransactionsPlan& plan = {true}) {
  model::TransactionsResult result;
  collect_transactions(asking.requests, asking.metadata(), plan, result, asking.failures);
  return result;
}

using States = std::map<std::string, int64_t>;

}  // namespace

TEST_CASE("States are counted over all coordinators, and each describes its open transactions") {
  Cluster kafka;
  kafka.on(1, kListTransactions, listed({{"a", 1, "Empty"}, {"b", 2, "Ongoing"}, {"c", 3, "PrepareCommit"}}));
  kafka.on(1, kDescribeTransactions, described({{"c", 3, "PrepareCommit"}, {"b", 2, "Ongoing"}}));
  kafka.on(2, kListTransactions, listed({{"d", 4, "Empty"}}));
  const auto client = connected(kafka.config(), 2);
  Asking asking(*client);
  const auto result = collect(asking);
  CHECK(asking.failures.take() == kNone);
  CHECK(result.listed);
  CHECK(result.described);
  CHECK(result.states == States{{"Empty", 2}, {"Ongoing", 1}, {"PrepareCommit", 1}});
  REQUIRE(result.open.size() == 2);
  CHECK(result.open[0].id == "b");
  CHECK(result.open[0].start_ms == 1000);
  CHECK(result.open[0].timeout_ms == 60'000);
  CHECK(result.open[0].partitions == std::vector<uint32_t>{0, 1});
  CHECK(result.open[1].state == "PrepareCommit");
  CHECK(result.last_stable == std::vector<int64_t>{7, 4});
  CHECK(asking.sent(kListTransactions) == 2);
  CHECK(asking.sent(kDescribeTransactions) == 1);
  CHECK(asking.sent(kListOffsets) == 1);
  CHECK(asking.sent(kDescribeProducers) == 0);
}

TEST_CASE("A transaction that has ended since it was listed is not open") {
  Cluster kafka;
  kafka.on(1, kListTransactions, listed({{"a", 1}, {"b", 2}}));
  kafka.on(1, kDescribeTransactions, described({{"a", 1, "CompleteCommit"}, {"b", 2, "", 105}}));
  const auto client = connected(kafka.config(), 2);
  Asking asking(*client);
  const auto result = collect(asking);
  CHECK(result.open.empty());
  CHECK(result.described);
  CHECK(asking.failures.take() == kNone);
}

TEST_CASE("Producers are described for partitions whose last stable offset has not moved") {
  Cluster kafka;
  kafka.on(2, kListTransactions, listed({{"id", 42, "CompleteAbort"}, {"other", 43}}));
  kafka.on(1, kDescribeProducers, producers({{41, -1}, {42, 7}, {43, 8}}));
  const auto client = connected(kafka.config(), 2);
  Asking asking(*client);
  const auto result = collect(asking, {true, {{0, 7}, {1, 3}}});
  CHECK(asking.failures.take() == kNone);
  CHECK(asking.sent(kDescribeProducers) == 1);
  CHECK(result.described_partitions == std::vector<uint32_t>{0});
  REQUIRE(result.blocking.size() == 1);  // not the one whose transaction begins later
  CHECK(result.blocking[0].producer_id == 42);
  CHECK(result.blocking[0].epoch == 5);
  CHECK(result.blocking[0].start_offset == 7);
  CHECK(result.producers == std::map<int64_t, std::string>{{42, "id"}});
  CHECK(collect(asking, {true, {{0, 6}}}).described_partitions.empty());
  CHECK(asking.sent(kDescribeProducers) == 1);
}

TEST_CASE("Last stable offsets that the poll has read are not requested again") {
  Cluster kafka;
  const auto client = connected(kafka.config(), 2);
  Asking asking(*client);
  CHECK(collect(asking, {false}).last_stable.empty());
  CHECK(asking.sent(kListOffsets) == 0);
}

TEST_CASE("A coordinator that fails leaves the list incomplete") {
  Cluster kafka;
  SECTION("it loads") { kafka.on(2, kListTransactions, listed({}, RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS)); }
  SECTION("it hangs up") { kafka.hang_up(2, kListTransactions); }
  const auto client = connected(kafka.config(), 2);
  Asking asking(*client);
  const auto result = collect(asking);
  CHECK_FALSE(result.listed);
  CHECK_FALSE(result.described);
  CHECK(asking.failures.take().size() == 1);
  CHECK(result.last_stable == std::vector<int64_t>{7, 4});
}

TEST_CASE("Transactions that cannot be described leave the description incomplete") {
  Cluster kafka;
  kafka.on(1, kListTransactions, listed({{"a", 1}}));
  kafka.on(1, kDescribeTransactions,
           described({{"a", 1, "", RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED}}));
  const auto client = connected(kafka.config(), 2);
  Asking asking(*client);
  const auto result = collect(asking);
  CHECK(result.listed);
  CHECK_FALSE(result.described);
  CHECK(asking.failure().reason == model::Reason::kAuthorization);
}

TEST_CASE("Producers that may not be described need READ on the topic") {
  Cluster kafka;
  kafka.on(1, kDescribeProducers, producers({}, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED));
  const auto client = connected(kafka.config(), 2);
  Asking asking(*client);
  CHECK(collect(asking, {true, {{0, 7}}}).described_partitions.empty());
  const auto failure = asking.failure();
  CHECK(failure.reason == model::Reason::kAuthorization);
  CHECK(failure.what == "producers: grant READ on the topics");
}

TEST_CASE("Old brokers are only asked for last stable offsets") {
  FakeKafka kafka(1);
  kafka.set_topic("t0", {{.leader = 1, .end = 10, .open = 3}});
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  const auto result = collect(asking, {true, {{0, 7}}});
  CHECK(asking.failures.take() == kNone);
  CHECK_FALSE(result.listed);
  CHECK(result.last_stable == std::vector<int64_t>{7});
  CHECK(asking.sent(kListTransactions) + asking.sent(kDescribeProducers) == 0);
}
