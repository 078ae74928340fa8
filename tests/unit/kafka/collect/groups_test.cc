#include "kafka/collect/groups.h"

#include <catch2/catch_test_macros.hpp>
#include <map>
#include <string>
#include <vector>

#include "kafka/collect/metadata.h"
#include "kafka/fake_kafka.h"

using namespace kafkascope::kafka;
namespace config = kafkascope::config;
namespace model = kafkascope::model;
using kafkascope::protocol::kConsumerGroupDescribe;
using kafkascope::protocol::kDescribeGroups;
using kafkascope::protocol::kListGroups;
using kafkascope::protocol::kOffsetFetch;
using kafkascope::protocol::kStreamsGroupDescribe;
using model::PartitionRef;
using model::Reason;
using Assigned = std::vector<PartitionRef>;

namespace {

/// The groups of one poll; `before`, id and coordinator of those known before.
struct Poll {
  CollectedGroups groups;
  std::vector<model::Failure> failures;
  std::map<std::string_view, uint64_t> sent;

  std::vector<std::string> ids() const {
    std::vector<std::string> ids;
    for (const auto& g : groups.groups) ids.push_back(g.group.id);
    return ids;
  }
  const model::Group& group(size_t i) const { return groups.groups.at(i).group; }
};

Poll poll(FakeKafka& kafka, int32_t brokers, const std::vector<std::pair<std::string, int32_t>>& before = {},
          const config::Filter& wanted = {}, std::chrono::milliseconds timeout = 1min) {
  const auto client = connected(kafka.config(), brokers);
  RequestBatch requests = requests_to(*client, timeout);
  Failures failures;
  const int32_t first[] = {1};
  const auto metadata = collect_metadata(requests, first, config::Filter(), failures);
  REQUIRE(metadata);
  std::vector<model::GroupSnapshot> known;
  for (const auto& [id, coordinator] : before)
    known.emplace_back().group = {
        .id = id, .type = "", .protocol = "", .state = "", .coordinator = coordinator, .assigned = {}};
  Poll poll;
  poll.groups = collect_groups(requests, *metadata, wanted, false, known, failures);
  poll.failures = failures.take();
  poll.sent = requests.sent();
  return poll;
}

using Ids = std::vector<std::string>;
constexpr int16_t kGroupIdNotFound = 69, kNotCoordinator = 16, kLoading = 14, kUnauthorized = 30;

}  // namespace

TEST_CASE("Groups of every type are listed by their coordinators and described; share groups are left out") {
  FakeKafka kafka(2, 2);
  const GroupIs classic{.id = "classic", .assignments = {assignment("t1", {1}), assignment("t0", {0, 1})}};
  const GroupIs connect{
      .id = "connect", .protocol_type = "connect", .protocol = "sessioned", .assignments = {"its own"}};
  const GroupIs simple{.id = "simple", .protocol_type = "", .state = "Empty"};
  const GroupIs consumer{.id = "kip-848", .type = "consumer", .protocol = "uniform", .assignments = {"", ""}};
  const GroupIs streams{.id = "streams", .protocol_type = "streams", .state = "Assigning", .type = "streams"};
  const GroupIs share{.id = "share", .protocol_type = "share", .type = "share"};
  kafka.on(1, kListGroups, group_list({simple, classic, share}));
  kafka.on(1, kDescribeGroups, classic_descriptions({classic}));
  kafka.on(2, kListGroups, group_list({streams, consumer, connect}));
  kafka.on(2, kDescribeGroups, classic_descriptions({connect}));
  kafka.on(2, kConsumerGroupDescribe, consumer_descriptions({consumer}));
  kafka.on(2, kStreamsGroupDescribe, streams_descriptions({streams}));
  const Poll now = poll(kafka, 2);
  CHECK(now.failures.empty());
  CHECK(now.groups.failed.empty());
  REQUIRE(now.ids() == Ids{"classic", "connect", "kip-848", "simple", "streams"});

  CHECK(now.group(0).type == "classic");
  CHECK(now.group(0).coordinator == 1);
  CHECK(now.group(0).protocol == "range");
  CHECK(now.group(0).members == 2);
  CHECK(now.group(0).assigned == Assigned{{0, 0}, {0, 1}, {1, 1}});
  CHECK(now.group(1).type == "connect");
  CHECK(now.group(1).coordinator == 2);
  CHECK(now.group(1).members == 1);
  CHECK(now.group(1).assigned.empty());  // what workers own are no partitions
  CHECK(now.group(2).type == "consumer");
  CHECK(now.group(2).protocol == "uniform");
  CHECK(now.group(2).members == 2);
  CHECK(now.group(2).assigned == Assigned{{0, 0}, {0, 1}});
  CHECK(now.group(3).type == "simple");
  CHECK(now.group(3).state == "Empty");
  CHECK(now.group(3).members == 0);
  CHECK(now.group(4).type == "streams");
  CHECK(now.group(4).members == 0);
}

TEST_CASE("Only groups that are wanted are described") {
  FakeKafka kafka(1);
  kafka.on(1, kListGroups, group_list({{.id = "a", .state = "Empty"}, {.id = "b", .state = "Empty"}}));
  CHECK(poll(kafka, 1, {}, config::Filter("a", "^$")).ids() == Ids{"a"});
}

TEST_CASE("Before version 4 the list tells no state, so every classic group is described") {
  FakeKafka kafka(1);
  kafka.limit(kListGroups, 3);
  kafka.limit(kDescribeGroups, 5);
  const GroupIs empty{.id = "g", .state = "Empty", .protocol = ""};
  kafka.on(1, kListGroups, group_list({empty}));
  kafka.on(1, kDescribeGroups, classic_descriptions({empty}));
  const Poll now = poll(kafka, 1);
  CHECK(now.failures.empty());
  REQUIRE(now.ids() == Ids{"g"});
  CHECK(now.group(0).members == 0);
  CHECK(now.group(0).state == "Empty");
}

TEST_CASE("A group that two coordinators list, as it moves, is there once: from the one that knows its members") {
  FakeKafka kafka(2, 1);
  const GroupIs old{.id = "g", .state = "Empty"};
  const GroupIs now_there{.id = "g", .assignments = {assignment("t0", {0})}};
  for (const int32_t owner : {1, 2}) {
    const int32_t other = 3 - owner;
    kafka.on(other, kListGroups, group_list({old}));
    kafka.on(owner, kListGroups, group_list({now_there}));
    kafka.on(owner, kDescribeGroups, classic_descriptions({now_there}));
    const Poll now = poll(kafka, 2);
    REQUIRE(now.ids() == Ids{"g"});
    CHECK(now.group(0).coordinator == owner);
    CHECK(now.group(0).members == 1);
  }
}

TEST_CASE("A group deleted between being listed and described is gone, without a failure") {
  FakeKafka kafka(1);
  const GroupIs gone{.id = "g", .error = kGroupIdNotFound};
  kafka.on(1, kListGroups, group_list({gone, {.id = "k", .type = "consumer", .error = kGroupIdNotFound}}));
  kafka.on(1, kDescribeGroups, classic_descriptions({gone}));
  kafka.on(1, kConsumerGroupDescribe, consumer_descriptions({{.id = "k", .error = kGroupIdNotFound}}));
  const Poll now = poll(kafka, 1);
  CHECK(now.groups.groups.empty());
  CHECK(now.groups.failed.empty());
  CHECK(now.failures.empty());
}

TEST_CASE("A group that cannot be described stays, its members unknown; the failure is told once for all") {
  FakeKafka kafka(1);
  std::vector<GroupIs> groups;
  for (const char* id : {"a", "b", "c"}) groups.push_back({.id = id, .error = kUnauthorized});
  kafka.on(1, kListGroups, group_list(groups));
  kafka.on(1, kDescribeGroups, classic_descriptions(groups));
  const Poll now = poll(kafka, 1);
  REQUIRE(now.ids() == Ids{"a", "b", "c"});
  CHECK(now.group(0).members == -1);
  CHECK(now.group(0).state == "Stable");
  REQUIRE(now.failures.size() == 1);
  CHECK(now.failures[0].reason == Reason::kAuthorization);
}

TEST_CASE("A member's assignment in a format of its own is nobody's failure") {
  FakeKafka kafka(1, 1);
  const GroupIs odd{.id = "g", .assignments = {"\x01", assignment("t0", {1}), assignment("unknown topic", {0})}};
  kafka.on(1, kListGroups, group_list({odd}));
  kafka.on(1, kDescribeGroups, classic_descriptions({odd}));
  const Poll now = poll(kafka, 1);
  CHECK(now.failures.empty());
  CHECK(now.group(0).members == 3);
  CHECK(now.group(0).assigned == Assigned{{0, 1}});
}

// ------------------------------------------------------------------------------- groups that are no longer listed

TEST_CASE("A group that its coordinator says it does not know is gone") {
  FakeKafka kafka(1);
  kafka.on(1, kListGroups, group_list({}));
  kafka.on(1, kDescribeGroups, classic_descriptions({{.id = "g", .error = kGroupIdNotFound}}));
  const Poll now = poll(kafka, 1, {{"g", 1}});
  CHECK(now.ids().empty());
  CHECK(now.groups.failed.empty());
  CHECK(now.failures.empty());
}

TEST_CASE("All coordinators are asked about vanished groups at once, whichever of them does not answer") {
  FakeKafka kafka(2);
  for (const int32_t broker : {1, 2}) kafka.on(broker, kListGroups, group_list({}));
  kafka.hang(1, kDescribeGroups);
  kafka.on(2, kDescribeGroups, classic_descriptions({{.id = "there", .error = kGroupIdNotFound}}));
  const auto client = connected(kafka.config(), 2);
  Failures failures;
  RequestBatch requests(*client, std::chrono::steady_clock::now() + 1min, 2s,
                        [&] { return kafka.got(1, kDescribeGroups) > 0 && kafka.got(2, kDescribeGroups) > 0; });
  const int32_t first[] = {1};
  const auto metadata = collect_metadata(requests, first, config::Filter(), failures);
  REQUIRE(metadata);
  std::vector<model::GroupSnapshot> known(2);
  known[0].group = {.id = "here", .type = "", .protocol = "", .state = "", .coordinator = 1, .assigned = {}};
  known[1].group = {.id = "there", .type = "", .protocol = "", .state = "", .coordinator = 2, .assigned = {}};
  collect_groups(requests, *metadata, {}, false, known, failures);
  CHECK_FALSE(requests.lost(1));  // the second request was sent before the first timed out
}

TEST_CASE("Before version 6 a group that does not exist is Dead, and gone") {
  FakeKafka kafka(1);
  kafka.limit(kDescribeGroups, 5);
  kafka.on(1, kListGroups, group_list({}));
  kafka.on(1, kDescribeGroups, classic_descriptions({{.id = "g", .state = "Dead"}}));
  CHECK(poll(kafka, 1, {{"g", 1}}).groups.failed.empty());
}

TEST_CASE("A group whose coordinator is no longer its coordinator, and that no other lists yet, is unread") {
  for (const int16_t code : {kNotCoordinator, kLoading, kUnauthorized}) {
    FakeKafka kafka(2);
    kafka.on(1, kListGroups, group_list({}));
    kafka.on(2, kListGroups, group_list({}, kLoading));
    kafka.on(1, kDescribeGroups, classic_descriptions({{.id = "g", .error = code}}));
    INFO(code);
    CHECK(poll(kafka, 2, {{"g", 1}}).groups.failed == Ids{"g"});
  }
}

TEST_CASE("A group that another coordinator lists now has moved, and nobody is asked about it") {
  FakeKafka kafka(2);
  kafka.on(1, kListGroups, group_list({}));
  kafka.on(2, kListGroups, group_list({{.id = "g", .state = "Empty"}}));
  const Poll now = poll(kafka, 2, {{"g", 1}});
  CHECK(now.ids() == Ids{"g"});
  CHECK(now.group(0).coordinator == 2);
  CHECK(now.groups.failed.empty());
  CHECK(kafka.got(1, kDescribeGroups) == 0);
}

TEST_CASE("A coordinator that is silent, that loads or that has left: its groups are unread, the others' are there") {
  FakeKafka kafka(2);
  kafka.on(1, kListGroups, group_list({{.id = "here", .state = "Empty"}}));
  kafka.on(1, kDescribeGroups, classic_descriptions({}));
  SECTION("silent") {
    kafka.on(2, kListGroups, group_list({}));
    const auto client = connected(kafka.config(), 2);  // so that the fake's broker 2 is known before it freezes
    kafka.freeze(2);
    const Poll now = poll(kafka, 2, {{"here", 1}, {"there", 2}}, {}, 1s);
    CHECK(now.ids() == Ids{"here"});
    CHECK(now.groups.failed == Ids{"there"});
    REQUIRE(now.failures.size() == 1);
    CHECK(now.failures[0].what == "broker 2 does not answer: Local: Timed out");
  }
  SECTION("loading") {
    kafka.on(2, kListGroups, group_list({}, kLoading));
    const Poll now = poll(kafka, 2, {{"here", 1}, {"there", 2}});
    CHECK(now.groups.failed == Ids{"there"});
    REQUIRE(now.failures.size() == 1);
    CHECK(now.failures[0].what.starts_with("listing the groups of broker 2: "));
  }
  SECTION("gone from the metadata") {
    kafka.on(2, kListGroups, group_list({}));
    CHECK(poll(kafka, 2, {{"here", 1}, {"there", 3}}).groups.failed == Ids{"there"});
  }
}

TEST_CASE("A coordinator that hangs up when asked about vanished groups: they are unread") {
  FakeKafka kafka(1);
  kafka.on(1, kListGroups, group_list({}));
  const Poll now = poll(kafka, 1, {{"b", 1}, {"a", 1}}, {}, 2s);
  CHECK(now.groups.failed == Ids{"a", "b"});
  CHECK(now.failures.size() == 1);
}

TEST_CASE("No group to be seen: a group by name tells whether they are hidden") {
  for (const bool allowed : {true, false}) {
    FakeKafka kafka(1);
    kafka.on(1, kListGroups, group_list({}));
    kafka.on(1, kDescribeGroups,
             classic_descriptions(
                 {{.id = "kafkascope-may-i-describe-groups", .error = allowed ? kGroupIdNotFound : kUnauthorized}}));
    const Poll now = poll(kafka, 1);
    CHECK(now.failures.size() == (allowed ? 0 : 1));
    if (!allowed) CHECK(now.failures[0].reason == Reason::kAuthorization);
    CHECK(now.groups.groups.empty());
  }
}

TEST_CASE("Ten thousand groups are twenty descriptions") {
  FakeKafka kafka(1);
  std::vector<GroupIs> many;
  for (int i = 0; i < 10'000; ++i) many.push_back({.id = "g" + std::to_string(100'000 + i)});
  kafka.on(1, kListGroups, group_list(many));
  kafka.on(1, kDescribeGroups, [](int16_t version, std::string_view body) {
    // The request's groups back: a compact array of compact strings of 7 bytes.
    std::vector<GroupIs> asked;
    for (size_t at = body.find("\x08g"); at != body.npos; at = body.find("\x08g", at + 8))
      asked.push_back({.id = std::string(body.substr(at + 1, 7)), .assignments = {""}});
    return classic_descriptions(asked)(version, body);
  });
  const Poll now = poll(kafka, 1);
  CHECK(now.failures.empty());
  CHECK(now.groups.groups.size() == 10'000);
  CHECK(std::all_of(now.groups.groups.begin(), now.groups.groups.end(), [](auto& g) { return g.group.members == 1; }));
  CHECK(now.sent.at("DescribeGroups") == 20);
}

TEST_CASE("A coordinator that loads is requested once more in the poll, for its list and for each group") {
  FakeKafka kafka(1, 1);
  const GroupIs loading{.id = "g", .error = kLoading}, loaded{.id = "g", .assignments = {assignment("t0", {0})}};
  const GroupIs other{.id = "h", .assignments = {assignment("t0", {1})}};
  kafka.on(1, kListGroups, first(group_list({}, kLoading), group_list({loaded, other})));
  SECTION("it is loaded then") {
    kafka.on(1, kDescribeGroups, first(classic_descriptions({loading, other}), classic_descriptions({loaded})));
    const Poll now = poll(kafka, 1);
    CHECK(now.failures.empty());
    CHECK(now.ids() == Ids{"g", "h"});
    for (const auto& result : now.groups.groups) CHECK(result.group.members == 1);
  }
  SECTION("it still loads") {
    kafka.on(1, kDescribeGroups, classic_descriptions({loading, other}));
    const Poll now = poll(kafka, 1);
    REQUIRE(now.failures.size() == 1);
    CHECK(now.failures[0].transient);
    CHECK(now.failures[0].what.starts_with("describing group g: "));
    CHECK(kafka.got(1, kDescribeGroups) == 2);
  }
}
