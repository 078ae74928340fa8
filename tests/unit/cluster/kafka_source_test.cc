#include "cluster/kafka_source.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <string>
#include <thread>
#include <vector>

#include "analysis/next_snapshot.h"
#include "cluster/fake_cluster.h"
#include "poll/log.h"

using namespace kafkascope;
using namespace kafkascope::cluster;
using model::Collector;
using std::chrono::steady_clock;

TEST_CASE("A poll asks for metadata, groups, commits and then ends, and brings all of it") {
  FakeKafka kafka(2);
  fill(kafka, 2);
  KafkaSource source(kafka.config());
  const auto result = ask(source);
  CHECK(all_right(result));
  std::vector<Collector> order;
  for (const auto& run : result.runs) order.push_back(run.collector);
  CHECK(order == std::vector{Collector::kMetadata, Collector::kGroups, Collector::kGroupOffsets, Collector::kOffsets,
                             Collector::kShareGroups, Collector::kQuorum, Collector::kReassignments});
  CHECK(result.metadata_read);
  CHECK(result.metadata->topics.size() == 2);
  CHECK(result.answered == std::vector<int32_t>{1, 2});
  CHECK(result.latest == std::vector<int64_t>{10, 20, 30});
  CHECK(result.earliest == std::vector<int64_t>{0, 0, 3});
  REQUIRE(result.groups.size() == 1);
  REQUIRE(result.groups[0].commits.size() == 1);
  CHECK(result.groups[0].commits[0].offset == 7);
  CHECK(result.failed_groups.empty());
  CHECK(result.requests.at("ListGroups") == 2);
}

TEST_CASE("The topic filter holds for all that follows") {
  FakeKafka kafka(1);
  fill(kafka, 1);
  auto cluster = kafka.config();
  cluster.topics = config::Filter("t1", "^$");
  KafkaSource source(cluster);
  const auto result = ask(source);
  REQUIRE(result.metadata->topics.size() == 1);
  CHECK(result.latest == std::vector<int64_t>{30});
  CHECK(result.groups.at(0).commits.empty());
}

TEST_CASE("A filter that leaves everything out is logged once") {
  FakeKafka kafka(1);
  fill(kafka, 1);
  auto cluster = kafka.config();
  cluster.topics = config::Filter("no such topic", "^$");
  cluster.groups = config::Filter("no such group", "^$");
  poll::Log log;
  KafkaSource source(cluster);
  const auto filters = [&] {
    std::vector<std::string> lines;
    for (const auto& line : log.take())
      if (line.find("filter matches nothing") != line.npos) lines.push_back(line.substr(line.find("setting=")));
    return lines;
  };
  ask(source);
  CHECK(filters() == std::vector<std::string>{"setting=topics.filter omitted=2", "setting=groups.filter omitted=1"});
  ask(source);
  CHECK(filters().empty());
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
  const auto result = ask_until(source, last, [](const model::PollResult& result) {
    return result.runs.front().failures.front().what.find("Connection refused") != std::string::npos;
  });
  CHECK_FALSE(result.metadata_read);
  CHECK(result.metadata == last.metadata);
  CHECK(result.answered.empty());
  CHECK(result.failed_groups == std::vector<std::string>{"g"});
  REQUIRE(result.runs.size() == 7);
  for (const auto& run : result.runs) {
    REQUIRE(run.failures.size() == 1);
    CHECK(run.failures[0].reason == model::Reason::kUnreachable);
  }
  CHECK(result.runs.front().failures.front().what.find(" (after ") == std::string::npos);
}

TEST_CASE(
    "A broker that freezes costs its own partitions and groups; the rest is there, and all is back when it answers") {
  FakeKafka kafka(2);
  fill(kafka, 2);
  KafkaSource source(impatient(kafka.config()));
  const auto last = known(ask_until(source, {}, all_right));

  SECTION("not the one that gave the metadata") {
    kafka.freeze(2);
    const auto result = ask(source, last);
    CHECK(result.metadata_read);
    CHECK(result.answered == std::vector<int32_t>{1});
    CHECK(result.latest == std::vector<int64_t>{10, model::kFailedOffset, model::kFailedOffset});
    REQUIRE(result.groups.size() == 1);
    CHECK(result.groups[0].offsets_read);
    CHECK(result.runs.at(0).success());
    kafka.thaw(2);
  }
  SECTION("the one that gave the metadata, and coordinates the group") {
    kafka.freeze(1);
    const auto result = ask(source, last);
    CHECK(result.metadata_read);  // from the other
    CHECK(result.answered == std::vector<int32_t>{2});
    CHECK(result.latest == std::vector<int64_t>{model::kFailedOffset, 20, 30});
    CHECK(result.groups.empty());
    CHECK(result.failed_groups == std::vector<std::string>{"g"});
    const int before = kafka.got(2, protocol::kMetadata);
    ask(source, last);
    CHECK(kafka.got(2, protocol::kMetadata) > before);
    kafka.thaw(1);
  }
  const auto result = ask_until(source, last, all_right);
  CHECK(result.latest == std::vector<int64_t>{10, 20, 30});
  CHECK(result.groups.size() == 1);
}

namespace {

constexpr auto kDeadline = 1600ms, kTimeout = 800ms, kDelay = 350ms;
constexpr int16_t kGroupIdNotFound = 69;

/// Three brokers; each leads a partition and coordinates a group, which has members.
void fill_each(FakeKafka& kafka) {
  kafka.set_topic("t0", {{1, 1, 10}, {2, 2, 20}, {3, 3, 30}});
  // Broker 1, the bootstrap server, has more eligible leaders than one request returns.
  kafka.set_topic("t1", {{.leader = 2, .start = 4, .end = 40, .replicas = {1, 2}, .in_sync = {2}}});
  for (int32_t b = 1; b <= 3; ++b) {
    const std::string id = "g" + std::to_string(b);
    const GroupIs group{.id = id, .assignments = {assignment("t0", {0})}};
    const GroupIs gone{.id = "gone" + std::to_string(b), .error = kGroupIdNotFound};
    kafka.on(b, protocol::kListGroups, group_list({group}));
    kafka.on(b, protocol::kDescribeGroups, classic_descriptions({group, gone}));
    kafka.on(b, protocol::kOffsetFetch, commits({{id, {{"t0", 0, 7}}}}));
    kafka.on(b, protocol::kDescribeTopicPartitions, topic_partitions({{"t1", {{0, {1}}}}}, CursorIs{"t1", 0}));
  }
}

/// Whether all that broker `b` alone knows was read.
bool read_of(const model::PollResult& result, int32_t b) {
  const auto p = static_cast<size_t>(b) - 1;
  const std::string id = "g" + std::to_string(b), gone = "gone" + std::to_string(b);
  const auto group =
      std::find_if(result.groups.begin(), result.groups.end(), [&](auto& result) { return result.group.id == id; });
  const auto& unread = result.failed_groups;
  return result.latest.size() == 4 && result.latest[p] == 10 * b && result.earliest[p] == b &&
         group != result.groups.end() && group->group.members == 1 && group->offsets_read &&
         std::find(unread.begin(), unread.end(), gone) == unread.end();
}

}  // namespace

TEST_CASE("A broker that is slow to answer every request costs its own data only, and no poll its deadline") {
  const int32_t slow = GENERATE(1, 2, 3);
  CAPTURE(slow);
  const auto others_are_read = [&] {
    FakeKafka kafka(3);
    fill_each(kafka);
    auto cluster = kafka.config();
    cluster.polling.request_timeout = kTimeout;
    KafkaSource source(cluster);
    auto last = known(ask_until(source, {}, [](const model::PollResult& result) {
      return all_right(result) && read_of(result, 1) && read_of(result, 2) && read_of(result, 3);
    }));
    for (int32_t b = 1; b <= 3; ++b) {  // groups that have been deleted since
      auto& group = last.groups.emplace_back().group;
      group.id = "gone" + std::to_string(b);
      group.coordinator = b;
    }
    kafka.delay(slow, kDelay);
    for (int poll = 0; poll < 2; ++poll) {  // the second, while the broker is still busy with the first
      const auto start = steady_clock::now();
      const auto result = source.poll({.deadline = start + kDeadline, .all_earliest = true, .last = &last});
      if (steady_clock::now() - start > 2 * kDeadline) return false;
      if (!read_of(result, slow % 3 + 1) || !read_of(result, (slow + 1) % 3 + 1)) return false;
    }
    return true;
  };
  CHECK(await(others_are_read));  // more than once only where this machine is slow, too
}

TEST_CASE("A broker that is killed costs its own partitions only") {
  FakeKafka kafka(2);
  fill(kafka, 2);
  KafkaSource source(impatient(kafka.config()));
  const auto last = known(ask_until(source, {}, all_right));
  kafka.kill(2);
  const auto result = ask(source, last);
  CHECK(result.metadata_read);
  CHECK(result.answered == std::vector<int32_t>{1});
  CHECK(result.latest == std::vector<int64_t>{10, model::kFailedOffset, model::kFailedOffset});
  CHECK(result.groups.size() == 1);
}

TEST_CASE("A collector that breaks off leaves the groups unread, not deleted") {
  FakeKafka kafka(1);
  fill(kafka, 1);
  KafkaSource source(kafka.config());
  const auto last = known(ask(source));
  REQUIRE(last.groups.size() == 1);
  // A group id that is too long for a request. No Kafka has one, but no response may break the program.
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
  const auto result = ask(source, last);
  CHECK(result.groups.empty());
  CHECK(result.failed_groups == std::vector<std::string>{"g"});
  REQUIRE(result.runs.size() == 7);
  CHECK_FALSE(result.runs[1].success());
  CHECK(result.runs[3].success());
  CHECK(result.latest == std::vector<int64_t>{10, 20, 30});
}

TEST_CASE("A source that is told to stop answers at once, whichever brokers are silent, now and later") {
  FakeKafka kafka(2);
  fill(kafka, 2);
  KafkaSource source(kafka.config());  // with time-outs of a minute
  ask_until(source, {}, all_right);
  const int before = kafka.got(1, protocol::kListGroups);
  for (const int32_t broker : {1, 2}) kafka.hang(broker, protocol::kListGroups);
  steady_clock::time_point told;
  {
    const std::jthread stopper([&] {
      await([&] { return kafka.got(1, protocol::kListGroups) > before; });  // the request is sent
      told = steady_clock::now();
      source.stop();
    });
    ask(source);
  }
  // The program stops within two seconds.
  CHECK(steady_clock::now() - told < 4s);
  const auto again = steady_clock::now();
  ask(source);
  CHECK(steady_clock::now() - again < 4s);
}

TEST_CASE("Groups that have been empty for longer than the configuration wants are not asked what they committed") {
  FakeKafka kafka(1);
  fill(kafka, 1);
  kafka.on(1, protocol::kListGroups,
           group_list({{.id = "g", .state = "Empty"}, {.id = "h", .state = "Empty"}, {.id = "new", .state = "Empty"}}));
  auto cluster = kafka.config();
  cluster.options.drop_empty_after = 1h;
  KafkaSource source(cluster);
  model::Snapshot last;
  for (const char* id : {"a", "g", "h"}) last.groups.emplace_back().group.id = id;
  last.groups[1].empty_since = std::chrono::steady_clock::now() - 2h;
  last.groups[2].empty_since = std::chrono::steady_clock::now() - 30min;
  const auto result = ask(source, last);
  REQUIRE(result.groups.size() == 3);
  CHECK(result.groups[0].left_out);
  CHECK_FALSE(result.groups[0].offsets_read);
  CHECK_FALSE(result.groups[1].left_out);
  CHECK_FALSE(result.groups[2].left_out);
  CHECK(all_right(result));
  CHECK(result.requests.at("OffsetFetch") == 1);

  kafka.on(1, protocol::kListGroups, group_list(kOneGroup));
  CHECK_FALSE(ask(source, last).requests.contains("OffsetFetch"));
}

TEST_CASE("A group is not left out while it has members, nor where the configuration says nothing") {
  FakeKafka kafka(1);
  fill(kafka, 1);
  model::Snapshot last;
  last.groups.emplace_back().group.id = "g";
  last.groups[0].empty_since = std::chrono::steady_clock::now() - 2h;
  SECTION("members") {
    const GroupIs group{.id = "g", .assignments = {assignment("t0", {0})}};
    kafka.on(1, protocol::kListGroups, group_list({group}));
    kafka.on(1, protocol::kDescribeGroups, classic_descriptions({group}));
    auto cluster = kafka.config();
    cluster.options.drop_empty_after = 1h;
    KafkaSource source(cluster);
    CHECK_FALSE(ask(source, last).groups.at(0).left_out);
  }
  SECTION("no such time") {
    KafkaSource source(kafka.config());
    CHECK_FALSE(ask(source, last).groups.at(0).left_out);
  }
}

TEST_CASE("Members are listed where either of the families about them is wanted, last stable offsets where they are") {
  FakeKafka kafka(1);
  fill(kafka, 1);
  const GroupIs group{.id = "g", .assignments = {assignment("t0", {0})}};
  kafka.on(1, protocol::kListGroups, group_list({group}));
  kafka.on(1, protocol::kDescribeGroups, classic_descriptions({group}));
  const auto with = [&](bool members, bool owners, bool committed) {
    auto cluster = kafka.config();
    cluster.options.members = members;
    cluster.options.owners = owners;
    cluster.options.read_committed = committed;
    KafkaSource source(cluster);
    const auto result = ask(source);
    return std::pair{result.groups.at(0).group.member_list.size(), result.last_stable.size()};
  };
  CHECK(with(false, false, false) == std::pair<size_t, size_t>{0, 0});
  CHECK(with(true, false, false) == std::pair<size_t, size_t>{1, 0});
  CHECK(with(false, true, true) == std::pair<size_t, size_t>{1, 3});
}

TEST_CASE("Where no single partitions are shown, only the offsets of those are asked for that some group reads") {
  FakeKafka kafka(1);
  fill(kafka, 1);
  auto cluster = kafka.config();
  cluster.options.by_partition = false;
  KafkaSource source(cluster);
  const auto result = ask(source);
  REQUIRE(result.groups.size() == 1);
  for (uint32_t p = 0; p < result.latest.size(); ++p) {
    const auto& commits = result.groups[0].commits;
    const bool read = std::any_of(commits.begin(), commits.end(), [&](const auto& commit) {
      return result.metadata->topics[commit.partition.topic].first_partition + commit.partition.partition == p;
    });
    CHECK((result.latest[p] >= 0) == read);
    CHECK((result.latest[p] == model::kNotRequestedOffset) == !read);
  }
  CHECK(std::count(result.latest.begin(), result.latest.end(), model::kNotRequestedOffset) > 0);

  kafka.on(1, protocol::kOffsetFetch, [](int16_t, std::string_view) { return std::string(3, '\x7f'); });
  const auto snapshot = analysis::next_snapshot({}, model::PollResult(result), cluster.options);
  CHECK(ask(source, snapshot).latest == result.latest);  // what is held is still compared with
}

TEST_CASE("Log ends of replicas that are behind come with the ends of their leaders, also if no partitions are shown") {
  FakeKafka kafka(2);
  fill(kafka, 2);
  kafka.set_topic("t2", {{.leader = 1, .end = 100, .replicas = {1, 2}, .in_sync = {1}, .ends = {{2, 60}}},
                         {.leader = 1, .end = 100, .replicas = {1, 2}, .in_sync = {1, 2}}});
  auto cluster = kafka.config();
  cluster.options.by_partition = false;
  KafkaSource source(cluster);
  const auto result = ask(source);
  CHECK(all_right(result));
  const auto first = result.metadata->topics[model::find_topic(*result.metadata, "t2")].first_partition;
  CHECK(result.replica_ends == std::vector<model::ReplicaEnd>{{2, first, 60}});
  CHECK(result.latest[first] == 100);
  CHECK(result.latest[first + 1] == model::kNotRequestedOffset);
}

TEST_CASE("Share groups that are listed are asked about; without metadata those that were known are unread") {
  FakeKafka kafka(1);
  fill(kafka, 1);
  kafka.on(1, protocol::kListGroups, group_list({{.id = "s", .protocol_type = "share", .type = "share"}}));
  kafka.on(1, protocol::kShareGroupDescribe, share_descriptions({{.id = "s", .assignments = {""}}}));
  kafka.on(1, protocol::kDescribeShareGroupOffsets, share_offsets({{"s", {{"t0", 0, 5, 3}}}}));
  KafkaSource source(impatient(kafka.config()));
  const auto result = ask_until(source, {}, all_right);
  REQUIRE(result.share_groups.size() == 1);
  CHECK(result.share_groups[0].group.members == 1);
  CHECK(result.share_groups[0].rows.size() == 1);
  CHECK(result.groups.empty());
  CHECK(result.failed_share_groups.empty());

  auto last = known(result);
  last.share_groups.push_back({result.share_groups[0].group, {}, {}});
  kafka.kill(1);
  CHECK(ask(source, last).failed_share_groups == std::vector<std::string>{"s"});
}

TEST_CASE("What a poll counts as sent is what the brokers got") {
  FakeKafka kafka(2);
  fill(kafka, 2);
  for (const int32_t broker : {1, 2}) kafka.on(broker, protocol::kDescribeQuorum, quorum({}));
  KafkaSource source(kafka.config());
  const auto result = ask(source);
  REQUIRE(all_right(result));
  for (const auto& api : {protocol::kListGroups, protocol::kOffsetFetch, protocol::kListOffsets,
                          protocol::kDescribeQuorum, protocol::kListPartitionReassignments}) {
    INFO(api.name);
    CHECK(result.requests.at(api.name) == static_cast<uint64_t>(kafka.got(1, api) + kafka.got(2, api)));
  }
}

TEST_CASE("A question that is switched off is not asked, and nobody says how it fared") {
  FakeKafka kafka(1);
  fill(kafka, 1);
  kafka.on(1, protocol::kListGroups, group_list({{.id = "s", .protocol_type = "share", .type = "share"}}));
  kafka.on(1, protocol::kShareGroupDescribe, share_descriptions({}));
  kafka.on(1, protocol::kDescribeShareGroupOffsets, share_offsets({}));
  kafka.on(1, protocol::kDescribeQuorum, quorum({}));
  const std::pair<Collector, protocol::Api> questions[] = {
      {Collector::kShareGroups, protocol::kShareGroupDescribe},
      {Collector::kQuorum, protocol::kDescribeQuorum},
      {Collector::kReassignments, protocol::kListPartitionReassignments}};
  for (const bool all : {false, true})
    for (const auto& [off, api] : questions) {
      INFO(name(off));
      auto cluster = kafka.config();
      cluster.disabled_collectors = {off};
      if (all) cluster.disabled_collectors = {Collector::kShareGroups, Collector::kQuorum, Collector::kReassignments};
      const int before = kafka.got(1, api);
      KafkaSource source(cluster);
      const auto result = ask(source);
      CHECK(all_right(result));
      CHECK(kafka.got(1, api) == before);
      CHECK(result.runs.size() == (all ? 4 : 6));
      for (const auto& run : result.runs) CHECK_FALSE(cluster.disabled_collectors.contains(run.collector));
    }
}

// ---------------------------------------------------------------------------- requests forwarded to the controller

TEST_CASE("Under KRaft the quorum names the controller, and what is moved is told") {
  FakeKafka kafka(2);
  fill(kafka, 2);
  for (const int32_t broker : {1, 2}) {
    kafka.on(broker, protocol::kDescribeQuorum, quorum({.leader = 3, .voters = {{3, 100}}}));
    kafka.on(broker, protocol::kListPartitionReassignments, reassignments({{"t1", 0}}));
  }
  KafkaSource source(kafka.config());
  const auto result = ask(source);
  CHECK(all_right(result));
  CHECK(result.controller == 3);
  CHECK(result.quorum_state == model::ReadState::kOk);
  CHECK(result.quorum.replicas.size() == 1);
  CHECK(result.reassignments_state == model::ReadState::kOk);
  CHECK(result.reassigning == std::vector<model::PartitionRef>{{1, 0}});
}

TEST_CASE("With ZooKeeper its controller is asked for reassignments, or, where it does not answer, any broker") {
  FakeKafka kafka(2);
  fill(kafka, 2);
  kafka.set_controller(2);
  KafkaSource source(kafka.config());
  const auto result = ask(source);
  CHECK(all_right(result));
  CHECK(result.quorum_state == model::ReadState::kNotRequested);
  CHECK(result.controller == 2);
  CHECK(result.reassignments_state == model::ReadState::kOk);
  CHECK(kafka.got(1, protocol::kListPartitionReassignments) == 0);
  CHECK(kafka.got(2, protocol::kListPartitionReassignments) == 1);
  kafka.set_controller(7);
  ask(source);
  CHECK(kafka.got(1, protocol::kListPartitionReassignments) == 1);
}

TEST_CASE("Brokers that wait for a controller cost nothing but what only it can tell, in this poll and the next") {
  FakeKafka kafka(2);
  fill(kafka, 2);
  KafkaSource source(impatient(kafka.config()));
  ask_until(source, {}, all_right);
  for (const int32_t broker : {1, 2}) {
    kafka.hang(broker, protocol::kDescribeQuorum);
    kafka.hang(broker, protocol::kListPartitionReassignments);
  }
  KafkaSource kraft(impatient(kafka.config()));  // before it connected, the brokers had not heard of a quorum
  for (int poll = 0; poll < 2; ++poll) {
    const auto result = ask(kraft);
    CHECK(result.answered == std::vector<int32_t>{1, 2});
    CHECK(result.latest == std::vector<int64_t>{10, 20, 30});
    CHECK(result.groups.size() == 1);
    CHECK(result.quorum_state == model::ReadState::kFailed);
    CHECK(result.controller == std::nullopt);
    CHECK(result.reassignments_state == model::ReadState::kFailed);
    for (const auto& run : result.runs) {
      INFO(name(run.collector));
      CHECK(run.success() == (run.collector != Collector::kQuorum && run.collector != Collector::kReassignments));
    }
  }
}

TEST_CASE("What may not be asked of the controller is unread, and says what to grant") {
  FakeKafka kafka(1);
  fill(kafka, 1);
  kafka.on(1, protocol::kDescribeQuorum, quorum({.error = 31}));
  kafka.on(1, protocol::kListPartitionReassignments, reassignments({}, 31));
  KafkaSource source(kafka.config());
  const auto result = ask(source);
  CHECK(result.quorum_state == model::ReadState::kFailed);
  CHECK(result.reassignments_state == model::ReadState::kFailed);
  for (const size_t run : {5, 6}) {
    REQUIRE(result.runs.at(run).failures.size() == 1);
    CHECK(result.runs[run].failures[0].reason == model::Reason::kAuthorization);
  }
}

TEST_CASE("Eligible leaders are asked of a broker that answered, in the run of the metadata") {
  FakeKafka kafka(1);
  fill(kafka, 1);
  kafka.set_topic("t1", {{.start = 3, .end = 30, .replicas = {1, 2}, .in_sync = {1}}});
  kafka.on(1, protocol::kDescribeTopicPartitions, topic_partitions({{"t1", {{0, {2}}}}}));
  KafkaSource source(kafka.config());
  auto result = ask(source);
  CHECK(all_right(result));
  CHECK(result.eligible == std::map<uint32_t, std::vector<int32_t>>{{2, {2}}});
  CHECK(result.eligible_unknown.empty());
  kafka.on(1, protocol::kDescribeTopicPartitions, [](int16_t, std::string_view) { return std::string(); });
  result = ask(source);
  CHECK(result.eligible_unknown == std::vector<uint32_t>{1});
  CHECK_FALSE(result.runs.at(0).success());
  CHECK(result.metadata_read);
}
