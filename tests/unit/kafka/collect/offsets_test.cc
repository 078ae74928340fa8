#include "kafka/collect/offsets.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "kafka/collect/metadata.h"
#include "kafka/fake_kafka.h"

using namespace kafkascope::kafka;
namespace config = kafkascope::config;
namespace model = kafkascope::model;
using kafkascope::protocol::kListOffsets;
using model::kFailedOffset;
using model::kNotRequestedOffset;
using model::Reason;
using Offsets = std::vector<int64_t>;
using None = std::vector<model::Failure>;

template <>
struct Catch::StringMaker<model::Failure> {
  static std::string convert(const model::Failure& failure) { return failure.what; }
};

namespace {

/// One poll's metadata and offsets.
class Poll {
 public:
  explicit Poll(const Client& client, std::chrono::milliseconds timeout = 1min)
      : requests_(requests_to(client, timeout)) {}

  const model::Metadata& metadata(const std::vector<int32_t>& candidates = {1}) {
    metadata_ = collect_metadata(requests_, candidates, config::Filter(), failures_);
    REQUIRE(metadata_);
    REQUIRE(failures_.empty());
    return *metadata_;
  }
  CollectedOffsets offsets(const model::Snapshot& last = {}, bool all_earliest = true, bool read_committed = false) {
    return collect_offsets(requests_, *metadata_, last, {all_earliest, read_committed}, failures_);
  }
  CollectedOffsets offsets_of(const std::vector<bool>& only) {
    return collect_offsets(requests_, *metadata_, {}, {true, true, only}, failures_);
  }
  CollectedOffsets committed_offsets() { return offsets({}, true, true); }
  std::vector<model::Failure> failures() { return failures_.take(); }
  uint64_t sent(const char* api) const { return requests_.sent().contains(api) ? requests_.sent().at(api) : 0; }

  /// A snapshot that knows start offset 0 of every partition, freshly, of this poll's metadata.
  model::Snapshot snapshot() const {
    model::Snapshot snapshot;
    snapshot.metadata = snapshot.numbering = metadata_;
    snapshot.earliest.assign(metadata_->partition_count, {0, {}});
    return snapshot;
  }

 private:
  RequestBatch requests_;
  Failures failures_;
  std::shared_ptr<const model::Metadata> metadata_;
};

}  // namespace

TEST_CASE("End and start offsets of every partition come from its leader, two requests a leader") {
  FakeKafka kafka(3);
  kafka.set_topic("beta", {{1, 0, 3}, {2, 0, 0}, {3, 4, 5}});
  kafka.set_topic("alpha", {{2, 0, 7}});
  const auto client = connected(kafka.config(), 3);
  Poll poll(*client);
  const auto& metadata = poll.metadata();
  REQUIRE(metadata.topics.size() == 2);
  CHECK(metadata.topics[0].name == "alpha");
  CHECK(metadata.partition_count == 4);
  const auto offsets = poll.offsets();
  CHECK(offsets.latest == Offsets{7, 3, 0, 5});
  CHECK(offsets.earliest == Offsets{0, 0, 0, 4});
  CHECK(poll.failures() == None{});
  CHECK(poll.sent("ListOffsets") == 6);
  CHECK(poll.sent("Metadata") == 1);
}

TEST_CASE("Partitions that nobody wants to know of are not asked for") {
  FakeKafka kafka(2);
  kafka.set_topic("a", {{1, 0, 3}, {2, 0, 4}});
  kafka.set_topic("b", {{1, 2, 5}, {model::kNoBroker}});
  const auto client = connected(kafka.config(), 2);
  Poll poll(*client);
  poll.metadata();
  const auto offsets = poll.offsets_of({false, false, true, true});
  CHECK(offsets.latest == Offsets{kNotRequestedOffset, kNotRequestedOffset, 5, kFailedOffset});
  CHECK(offsets.earliest == Offsets{kNotRequestedOffset, kNotRequestedOffset, 2, kFailedOffset});
  CHECK(offsets.last_stable == Offsets{kNotRequestedOffset, kNotRequestedOffset, 5, kFailedOffset});
  CHECK(poll.sent("ListOffsets") == 3);  // of one leader
  CHECK(poll.failures() == None{});
}

TEST_CASE(
    "Start offsets are asked when they are due, and of partitions whose leader has moved or whose last read failed") {
  FakeKafka kafka(2);
  kafka.set_topic("t", {{1}, {1}, {1}});
  const auto client = connected(kafka.config(), 2);
  Poll first(*client);
  first.metadata();
  auto last = first.snapshot();

  SECTION("not due") {
    Poll poll(*client);
    poll.metadata();
    const auto offsets = poll.offsets(last, false);
    CHECK(offsets.latest == Offsets{0, 0, 0});
    CHECK(offsets.earliest == Offsets{kNotRequestedOffset, kNotRequestedOffset, kNotRequestedOffset});
    CHECK(poll.sent("ListOffsets") == 1);
  }
  SECTION("due") {
    Poll poll(*client);
    poll.metadata();
    CHECK(poll.offsets(last, true).earliest == Offsets{0, 0, 0});
  }
  SECTION("a leader moved, another was not read") {
    kafka.set_topic("t", {{1}, {2}, {1}});
    last.earliest[2].failing_since = model::Time{1s};
    Poll poll(*client);
    poll.metadata();
    CHECK(poll.offsets(last, false).earliest == Offsets{kNotRequestedOffset, 0, 0});
  }
  SECTION("a topic came: its numbers are others now") {
    kafka.set_topic("a", {{1}});
    Poll poll(*client);
    poll.metadata();
    CHECK(poll.offsets(last, false).earliest == Offsets{0, 0, 0, 0});
  }
  SECTION("nothing was known") {
    Poll poll(*client);
    poll.metadata();
    CHECK(poll.offsets({}, false).earliest == Offsets{0, 0, 0});
  }
}

TEST_CASE("A partition whose leader has moved since the metadata is asked once more, of its new leader") {
  FakeKafka kafka(2);
  kafka.set_topic("t", {{1, 0, 4}, {1, 0, 6}});
  const auto client = connected(kafka.config(), 2);
  Poll poll(*client);
  poll.metadata();
  kafka.set_topic("t", {{2, 0, 4}, {1, 0, 6}});
  const auto offsets = poll.offsets();
  CHECK(offsets.latest == Offsets{4, 6});
  CHECK(offsets.earliest == Offsets{0, 0});
  CHECK(poll.failures() == None{});
  CHECK(poll.sent("Metadata") == 2);
  CHECK(poll.sent("ListOffsets") == 4);
}

TEST_CASE("A leader that says it is none, twice, is a failure of the topic and not asked a third time") {
  FakeKafka kafka(1);
  kafka.set_topic("t", {{1}, {1}});
  const auto client = connected(kafka.config(), 1);
  Poll poll(*client);
  poll.metadata();
  kafka.on(1, kListOffsets, offsets_fail(RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION));
  const auto offsets = poll.offsets();
  CHECK(offsets.latest == Offsets{kFailedOffset, kFailedOffset});
  CHECK(offsets.earliest == Offsets{kFailedOffset, kFailedOffset});
  const auto failures = poll.failures();
  REQUIRE(failures.size() == 1);
  CHECK(failures[0].what == "offsets of topic t: Broker: Not leader for partition");
  CHECK(poll.sent("ListOffsets") == 4);
}

TEST_CASE("Every other error is a failure and not asked again") {
  FakeKafka kafka(1);
  kafka.set_topic("t", {{1}});
  const auto client = connected(kafka.config(), 1);
  Poll poll(*client);
  poll.metadata();
  kafka.on(1, kListOffsets, offsets_fail(RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED));
  const auto offsets = poll.offsets();
  CHECK(offsets.latest == Offsets{kFailedOffset});
  CHECK(offsets.earliest == Offsets{kFailedOffset});
  const auto failures = poll.failures();
  REQUIRE(failures.size() == 1);
  CHECK(failures[0].reason == Reason::kAuthorization);
  CHECK(poll.sent("ListOffsets") == 2);
}

TEST_CASE("A partition without a leader is not asked for, and no failure: the metadata says it all") {
  FakeKafka kafka(1);
  kafka.set_topic("t", {{1}, {-1}});
  const auto client = connected(kafka.config(), 1);
  Poll poll(*client);
  CHECK(poll.metadata().topics.at(0).partitions.at(1).leader == model::kNoBroker);
  const auto offsets = poll.offsets();
  CHECK(offsets.latest == Offsets{0, kFailedOffset});
  CHECK(offsets.earliest == Offsets{0, kFailedOffset});
  CHECK(poll.failures() == None{});
}

TEST_CASE("A leader that is down costs its own partitions only") {
  FakeKafka kafka(3);
  kafka.set_topic("t", {{1}, {2}, {3}});
  const auto client = connected(kafka.config(), 3);
  Poll poll(*client, 1s);
  poll.metadata();
  kafka.kill(2);
  const auto offsets = poll.offsets();
  CHECK(offsets.latest == Offsets{0, kFailedOffset, 0});
  CHECK(offsets.earliest == Offsets{0, kFailedOffset, 0});
  const auto failures = poll.failures();
  REQUIRE(failures.size() == 1);
  CHECK(failures[0].what.starts_with("broker 2 does not answer: "));
}

TEST_CASE("A leader that is frozen costs its own partitions only") {
  FakeKafka kafka(2);
  kafka.set_topic("t", {{1}, {2}});
  const auto client = connected(kafka.config(), 2);
  Poll poll(*client, 1s);
  poll.metadata();
  kafka.freeze(2);
  CHECK(poll.offsets().latest == Offsets{0, kFailedOffset});
  const auto failures = poll.failures();
  REQUIRE(failures.size() == 1);
  CHECK(failures[0].reason == Reason::kTimeout);
}

TEST_CASE("A topic that is deleted after the metadata is unread") {
  FakeKafka kafka(1);
  kafka.set_topic("kept", {{1}});
  kafka.set_topic("t", {{1}});
  const auto client = connected(kafka.config(), 1);
  Poll poll(*client);
  poll.metadata();
  kafka.delete_topic("t");
  CHECK(poll.offsets().latest == Offsets{0, kFailedOffset});
  CHECK(poll.failures() == None{});
}

// ------------------------------------------------------------------------------------- what is committed to be seen

TEST_CASE("Last stable offsets are read only where they are wanted") {
  FakeKafka kafka(1);
  kafka.set_topic("t", {{.end = 5, .open = 2}});
  const auto client = connected(kafka.config(), 1);
  Poll poll(*client);
  poll.metadata();
  CHECK(poll.offsets().last_stable.empty());
  CHECK(poll.sent("ListOffsets") == 2);
}

TEST_CASE("Last stable offsets are a third request to each leader; an open transaction holds them back, not the ends") {
  FakeKafka kafka(2);
  kafka.set_topic("t", {{.leader = 1, .end = 5, .open = 2}, {.leader = 2, .end = 7}, {.leader = model::kNoBroker}});
  const auto client = connected(kafka.config(), 2);
  Poll poll(*client);
  poll.metadata();
  const auto offsets = poll.committed_offsets();
  CHECK(offsets.last_stable == Offsets{3, 7, kFailedOffset});
  CHECK(offsets.latest == Offsets{5, 7, kFailedOffset});
  CHECK(poll.failures() == None{});
  CHECK(poll.sent("ListOffsets") == 6);
}

TEST_CASE("Last stable offsets are asked before the ends, so that they are never ahead of them") {
  FakeKafka kafka(1);
  kafka.set_topic("t", {{.end = 5}});
  std::vector<std::pair<bool, int64_t>> order;  // read_committed, and the requested timestamp
  kafka.on(1, kListOffsets, [&](int16_t version, std::string_view body) {
    kafkascope::protocol::Reader in(body, true);
    in.int32();
    const bool committed = in.boolean();
    in.array(), in.string(), in.array(), in.int32(), in.int32();
    order.emplace_back(committed, in.int64());
    return offsets_fail(RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR)(version, body);
  });
  const auto client = connected(kafka.config(), 1);
  Poll poll(*client);
  poll.metadata();
  poll.committed_offsets();
  CHECK(order == std::vector<std::pair<bool, int64_t>>{{true, -1}, {false, -1}, {false, -2}});
}

TEST_CASE("The last stable offset of a partition that has moved is asked of its new leader, as such") {
  FakeKafka kafka(2);
  kafka.set_topic("t", {{.leader = 1, .end = 5, .open = 2}});
  const auto client = connected(kafka.config(), 2);
  Poll poll(*client);
  poll.metadata();
  kafka.set_topic("t", {{.leader = 2, .end = 6, .open = 4}});
  const auto offsets = poll.committed_offsets();
  CHECK(offsets.last_stable == Offsets{2});
  CHECK(offsets.latest == Offsets{6});
  CHECK(poll.failures() == None{});
}

TEST_CASE("A leader that is silent leaves last stable offsets unread, too") {
  FakeKafka kafka(2);
  kafka.set_topic("t", {{.leader = 1, .end = 5}, {.leader = 2, .end = 7}});
  kafka.hang(2, kListOffsets);
  const auto client = connected(kafka.config(), 2);
  Poll poll(*client, 1s);
  poll.metadata();
  CHECK(poll.committed_offsets().last_stable == Offsets{5, kFailedOffset});
}

TEST_CASE("A thousand topics that fail alike are few lines in a log") {
  Failures failures;
  for (int i = 0; i < 1000; ++i)
    failures.add(Error(RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, "offsets of topic " + std::to_string(i)));
  const auto list = failures.take();
  CHECK(list.size() <= 50);
  CHECK(list.front().what ==
        "offsets of topic 0: " + std::string(rd_kafka_err2str(RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR)));
}

TEST_CASE("The same failure twice is one") {
  Failures failures;
  failures.add(model::Failure{Reason::kOther, "x"});
  failures.add(model::Failure{Reason::kOther, "x"});
  failures.add(model::Failure{Reason::kTimeout, "x"});
  CHECK(failures.take().size() == 2);
}
