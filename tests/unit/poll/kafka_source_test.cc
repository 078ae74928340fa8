#include "poll/kafka_source.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <thread>
#include <vector>

#include "kafka/fake_kafka.h"

using namespace kafkascope;
using namespace kafkascope::kafka;
using model::Collector;
using poll::KafkaSource;

namespace {

config::Cluster impatient(config::Cluster cluster) {
  cluster.polling.deadline = 5s;
  cluster.polling.request_timeout = 1s;
  return cluster;
}

model::Facts ask(KafkaSource& source, const model::Snapshot& last = {}) {
  return source.ask({.deadline = std::chrono::steady_clock::now() + 1min, .all_earliest = true, .last = &last});
}

/// Asks until what librdkafka does in the background has come about.
model::Facts ask_until(KafkaSource& source, const model::Snapshot& last,
                       const std::function<bool(const model::Facts&)>& enough) {
  model::Facts facts;
  REQUIRE(await([&] { return enough(facts = ask(source, last)); }));
  return facts;
}

model::Snapshot known(const model::Facts& facts) {
  model::Snapshot snapshot;
  snapshot.metadata = snapshot.numbering = facts.metadata;
  snapshot.earliest.assign(facts.metadata->partition_count, {0, {}});
  for (const auto& group : facts.groups) snapshot.groups.emplace_back().group = group.group;
  return snapshot;
}

bool all_right(const model::Facts& facts) {
  return std::all_of(facts.runs.begin(), facts.runs.end(), [](auto& run) { return run.success(); });
}

const std::vector<GroupIs> kOneGroup{{.id = "g", .state = "Empty"}};

/// A cluster of two topics, and a group that broker 1 coordinates.
void fill(FakeKafka& kafka, int32_t brokers) {
  kafka.set_topic("t0", {{1, 0, 10}, {brokers, 0, 20}});
  kafka.set_topic("t1", {{brokers, 3, 30}});
  for (int32_t b = 1; b <= brokers; ++b) {
    kafka.on(b, protocol::kListGroups, group_list(b == 1 ? kOneGroup : std::vector<GroupIs>{}));
    kafka.on(b, protocol::kOffsetFetch, commits({{"g", {{"t0", 1, 7}}}}));
    kafka.on(b, protocol::kDescribeGroups, classic_descriptions({{.id = "g", .error = 16}}));
  }
}

}  // namespace

TEST_CASE("A poll asks for metadata, groups, commits and then ends, and brings all of it") {
  FakeKafka kafka(2);
  fill(kafka, 2);
  KafkaSource source(kafka.config());
  const auto facts = ask(source);
  CHECK(all_right(facts));
  std::vector<Collector> order;
  for (const auto& run : facts.runs) order.push_back(run.collector);
  CHECK(order == std::vector{Collector::kMetadata, Collector::kGroups, Collector::kGroupOffsets, Collector::kOffsets,
                             Collector::kShareGroups, Collector::kQuorum, Collector::kReassignments});
  CHECK(facts.metadata_read);
  CHECK(facts.metadata->topics.size() == 2);
  CHECK(facts.answered == std::vector<int32_t>{1, 2});
  CHECK(facts.latest == std::vector<int64_t>{10, 20, 30});
  CHECK(facts.earliest == std::vector<int64_t>{0, 0, 3});
  REQUIRE(facts.groups.size() == 1);
  REQUIRE(facts.groups[0].commits.size() == 1);
  CHECK(facts.groups[0].commits[0].offset == 7);
  CHECK(facts.unread_groups.empty());
  CHECK(facts.requests.at("ListGroups") == 2);
}

TEST_CASE("The topic filter holds for all that follows") {
  FakeKafka kafka(1);
  fill(kafka, 1);
  auto cluster = kafka.config();
  cluster.topics = config::Filter("t1", "^$");
  KafkaSource source(cluster);
  const auto facts = ask(source);
  REQUIRE(facts.metadata->topics.size() == 1);
  CHECK(facts.latest == std::vector<int64_t>{30});
  CHECK(facts.groups.at(0).commits.empty());
}

TEST_CASE("Nobody there: no metadata, what was known is unread, and the cause is told rather than the effect") {
  config::Cluster cluster;
  {
    const FakeKafka gone(1);
    cluster = impatient(gone.config());
  }
  KafkaSource source(cluster);
  model::Snapshot last;
  last.metadata = last.numbering = std::make_shared<model::Metadata>();
  last.groups.emplace_back().group.id = "g";
  const auto facts = ask_until(source, last, [](const model::Facts& facts) {
    return facts.runs.front().failures.front().what.find("Connection refused") != std::string::npos;
  });
  CHECK_FALSE(facts.metadata_read);
  CHECK(facts.metadata == last.metadata);
  CHECK(facts.answered.empty());
  CHECK(facts.unread_groups == std::vector<std::string>{"g"});
  REQUIRE(facts.runs.size() == 7);
  for (const auto& run : facts.runs) {
    REQUIRE(run.failures.size() == 1);
    CHECK(run.failures[0].reason == model::Reason::kUnreachable);
  }
  CHECK(facts.runs.front().failures.front().what.find(" (after ") == std::string::npos);
}

TEST_CASE(
    "A broker that freezes costs its own partitions and groups; the rest is there, and all is back when it answers") {
  FakeKafka kafka(2);
  fill(kafka, 2);
  KafkaSource source(impatient(kafka.config()));
  const auto last = known(ask_until(source, {}, all_right));

  SECTION("not the one that gave the metadata") {
    kafka.freeze(2);
    const auto facts = ask(source, last);
    CHECK(facts.metadata_read);
    CHECK(facts.answered == std::vector<int32_t>{1});
    CHECK(facts.latest == std::vector<int64_t>{10, model::kUnreadOffset, model::kUnreadOffset});
    REQUIRE(facts.groups.size() == 1);
    CHECK(facts.groups[0].offsets_read);
    CHECK(facts.runs.at(0).success());
    kafka.thaw(2);
  }
  SECTION("the one that gave the metadata, and coordinates the group") {
    kafka.freeze(1);
    const auto facts = ask(source, last);
    CHECK(facts.metadata_read);  // from the other
    CHECK(facts.answered == std::vector<int32_t>{2});
    CHECK(facts.latest == std::vector<int64_t>{model::kUnreadOffset, 20, 30});
    CHECK(facts.groups.empty());
    CHECK(facts.unread_groups == std::vector<std::string>{"g"});
    const int before = kafka.got(2, protocol::kMetadata);
    ask(source, last);
    CHECK(kafka.got(2, protocol::kMetadata) > before);
    kafka.thaw(1);
  }
  const auto facts = ask_until(source, last, all_right);
  CHECK(facts.latest == std::vector<int64_t>{10, 20, 30});
  CHECK(facts.groups.size() == 1);
}

TEST_CASE("A broker that is killed costs its own partitions only") {
  FakeKafka kafka(2);
  fill(kafka, 2);
  KafkaSource source(impatient(kafka.config()));
  const auto last = known(ask_until(source, {}, all_right));
  kafka.kill(2);
  const auto facts = ask(source, last);
  CHECK(facts.metadata_read);
  CHECK(facts.answered == std::vector<int32_t>{1});
  CHECK(facts.latest == std::vector<int64_t>{10, model::kUnreadOffset, model::kUnreadOffset});
  CHECK(facts.groups.size() == 1);
}

TEST_CASE("A collector that breaks off leaves the groups unread, not deleted") {
  FakeKafka kafka(1);
  fill(kafka, 1);
  KafkaSource source(kafka.config());
  const auto last = known(ask(source));
  REQUIRE(last.groups.size() == 1);
  // A group id that is too long to ask about: no Kafka has one, and no answer may break us.
  kafka.on(1, protocol::kListGroups, [](int16_t version, std::string_view) {
    protocol::Writer out(true);
    out.int32(0).int16(0).array(1);
    std::string bytes = out.take();
    bytes += std::string("\x81\x80\x04", 3) + std::string(65536, 'g');  // a compact string of 65,536 bytes
    protocol::Writer rest(true);
    rest.string("consumer");
    if (version >= 4) rest.string("Stable");
    if (version >= 5) rest.string("classic");
    rest.tags().tags();
    return bytes + rest.take();
  });
  const auto facts = ask(source, last);
  CHECK(facts.groups.empty());
  CHECK(facts.unread_groups == std::vector<std::string>{"g"});
  REQUIRE(facts.runs.size() == 7);
  CHECK_FALSE(facts.runs[1].success());
  CHECK(facts.runs[3].success());
  CHECK(facts.latest == std::vector<int64_t>{10, 20, 30});
}

TEST_CASE("A source that is told to stop answers at once, whoever is frozen, now and later") {
  FakeKafka kafka(2);
  fill(kafka, 2);
  KafkaSource source(kafka.config());
  ask_until(source, {}, all_right);
  kafka.freeze(1);
  kafka.freeze(2);
  {
    const std::jthread stopper([&] { source.stop(); });
    CHECK_FALSE(all_right(ask(source)));
  }
  ask(source);
}
