#include "kafka/collect/transaction_markers.h"

#include <catch2/catch_test_macros.hpp>
#include <map>
#include <string>
#include <vector>

#include "kafka/collecting.h"
#include "kafka/fake_answers.h"

using namespace kafkascope::kafka;
namespace model = kafkascope::model;
namespace protocol = kafkascope::protocol;
using kafkascope::protocol::kFetch;
using model::Reason;
using Markers = std::vector<std::pair<model::RecordPosition, bool>>;

namespace {

constexpr int16_t kUnauthorized = 29, kOutOfRange = 1, kNotLeader = 6, kThrottled = 89;

Markers collect(Asking& asking, const std::vector<model::RecordPosition>& wanted) {
  return collect_transaction_markers(asking.requests, asking.metadata(), wanted, asking.failures);
}

}  // namespace

TEST_CASE("A record is a transaction's mark when the batch that holds it is one") {
  FakeKafka kafka(1, 1);
  kafka.hang(1, kFetch);  // it takes the request
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  SECTION("a mark") {
    kafka.on(1, kFetch, batch(BatchIs{99, 99, true}));
    CHECK(collect(asking, {{0, 99}}) == Markers{{{0, 99}, true}});
  }
  SECTION("records") {
    kafka.on(1, kFetch, batch(BatchIs{95, 99}));
    CHECK(collect(asking, {{0, 97}}) == Markers{{{0, 97}, false}});
  }
  SECTION("the mark is a later one: the record itself is gone") {
    kafka.on(1, kFetch, batch(BatchIs{100, 100, true}));
    CHECK(collect(asking, {{0, 99}}) == Markers{{{0, 99}, false}});
  }
  SECTION("records, and so many that they are not sent") {
    kafka.on(1, kFetch, batch({}));
    CHECK(collect(asking, {{0, 99}}) == Markers{{{0, 99}, false}});
  }
  CHECK(asking.failures.take() == kNone);
}

TEST_CASE("Each leader is asked once, for each partition and its offset") {
  FakeKafka kafka(2);
  kafka.set_topic("a", {{.leader = 1}, {.leader = 1}});
  kafka.set_topic("b", {{.leader = 1}, {.leader = 2}});
  std::map<int32_t, std::string> asked;
  for (const int32_t broker : {1, 2})
    kafka.on(broker, kFetch, [&asked, broker](int16_t version, std::string_view body) {
      protocol::Reader in(body, true);
      in.int32(), in.int32(), in.int32(), in.int32(), in.int8(), in.int32(), in.int32();
      for (size_t topics = in.array(); topics > 0; --topics) {
        asked[broker] += in.string();
        for (size_t partitions = in.array(); partitions > 0; --partitions) {
          asked[broker] += " " + std::to_string(in.int32()) + ":";
          in.int32();
          asked[broker] += std::to_string(in.int64());
          in.int32(), in.int64(), in.int32(), in.tags();
        }
        asked[broker] += "\n";
        in.tags();
      }
      return batch({})(version, body);
    });
  const auto client = connected(kafka.config(), 2);
  Asking asking(*client);
  collect(asking, {{0, 7}, {1, 8}, {2, 9}, {3, 10}});
  CHECK(asked == std::map<int32_t, std::string>{{1, "a 0:7 1:8\nb 0:9\n"}, {2, "b 1:10\n"}});
}

TEST_CASE("Who may not read a topic does not get to know, which is no failure: nobody has to let us read") {
  FakeKafka kafka(1, 1);
  kafka.on(1, kFetch, batch({}, kUnauthorized));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  CHECK(collect(asking, {{0, 99}}) == Markers{{{0, 99}, false}});
  CHECK(asking.failures.take() == kNone);
  CHECK(asking.failures.missing_permissions().size() == 1);
}

TEST_CASE("What cannot be said of a record now is left out, without a failure") {
  FakeKafka kafka(1);
  kafka.set_topic("t0", {{.leader = 1}, {.leader = model::kNoBroker}});
  kafka.hang(1, kFetch);  // it takes the request
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  SECTION("the leader has moved") { kafka.on(1, kFetch, batch({}, kNotLeader)); }
  SECTION("the record is gone") { kafka.on(1, kFetch, batch({}, kOutOfRange)); }
  SECTION("another partition is told of") { kafka.on(1, kFetch, batch(BatchIs{99, 99, true}, 0, 1)); }
  SECTION("a partition that cannot be is told of") { kafka.on(1, kFetch, batch(BatchIs{99, 99, true}, 0, -1)); }
  SECTION("it ends before the record") { kafka.on(1, kFetch, batch(BatchIs{5, 6, true})); }
  CHECK(collect(asking, {{0, 99}, {1, 99}}).empty());
  CHECK(asking.failures.take() == kNone);
  CHECK(asking.sent(kFetch) == 1);
}

TEST_CASE("An error of the whole answer about records is a failure") {
  FakeKafka kafka(1, 1);
  kafka.on(1, kFetch, [](int16_t, std::string_view) {
    return protocol::Writer(true).int32(0).int16(kThrottled).int32(0).array(0).tags().take();
  });
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  CHECK(collect(asking, {{0, 99}}).empty());
  CHECK(asking.failure().what.starts_with("reading batch headers: "));
}

TEST_CASE("Of a record that is not there yet nothing is said") {
  FakeKafka kafka(1, 1);
  kafka.on(1, kFetch, batch({}));  // ends at 100
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  CHECK(collect(asking, {{0, 100}}).empty());
  CHECK(asking.failures.take() == kNone);
}

TEST_CASE("A leader that is silent or talks nonsense about records costs its own only") {
  FakeKafka kafka(2);
  kafka.set_topic("t0", {{.leader = 1}, {.leader = 2}});
  kafka.on(1, kFetch, batch(BatchIs{99, 99, true}));
  SECTION("silent") { kafka.hang(2, kFetch); }
  SECTION("nonsense") {
    kafka.on(2, kFetch, [](int16_t, std::string_view) { return std::string(9, '\x7f'); });
  }
  const auto client = connected(kafka.config(), 2);
  Asking asking(*client, 1s);
  CHECK(collect(asking, {{0, 99}, {1, 99}}) == Markers{{{0, 99}, true}});
  CHECK(asking.failures.take().size() == 1);
}
