#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "kafka/collect/groups.h"
#include "kafka/collecting.h"

using namespace kafkascope::kafka;
namespace config = kafkascope::config;
namespace model = kafkascope::model;
namespace protocol = kafkascope::protocol;
using kafkascope::protocol::kConsumerGroupDescribe;
using kafkascope::protocol::kDescribeGroups;
using kafkascope::protocol::kListGroups;
using kafkascope::protocol::kStreamsGroupDescribe;
using model::PartitionRef;
using Assigned = std::vector<PartitionRef>;

namespace {

/// A group as it is collected from a cluster with the topics t0 and t1 of two partitions each, if a response describes
/// it `times` times.
model::Group collected(const GroupIs& group, bool member_lists = false, size_t times = 1) {
  FakeKafka kafka(1, 2);
  kafka.on(1, kListGroups, group_list({group}));
  const std::vector<GroupIs> described(times, group);
  kafka.on(1, kDescribeGroups, classic_descriptions(described));
  kafka.on(1, kConsumerGroupDescribe, consumer_descriptions(described));
  kafka.on(1, kStreamsGroupDescribe, streams_descriptions(described));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  const auto groups =
      collect_groups(asking.requests, asking.metadata(), config::Filter(), member_lists, {}, asking.failures);
  CHECK(asking.failures.take() == kNone);
  REQUIRE(groups.groups.size() == 1);
  return groups.groups[0].group;
}

std::string text(const model::Member& member) {
  std::string text = member.id + " " + member.client_id + " " + member.host + ":";
  for (const auto& p : member.assigned) text += " " + std::to_string(p.topic) + "/" + std::to_string(p.partition);
  return text;
}

}  // namespace

TEST_CASE("Members without a partition are idle, in every kind of group that assigns partitions") {
  const auto classic = collected({.id = "g", .assignments = {assignment("t0", {0, 1}), assignment("t0", {}), ""}});
  CHECK(classic.members == 3);
  CHECK(classic.idle_members == 2);
  CHECK(classic.assignment_known);
  for (const char* type : {"consumer", "streams"}) {
    const auto group = collected({.id = "g", .type = type, .assignments = {"", kIdle, ""}});
    INFO(type);
    CHECK(group.type == type);
    CHECK(group.members == 3);
    CHECK(group.idle_members == 1);
    CHECK(group.assignment_known);
  }
}

TEST_CASE("Members below the epoch of a KIP-848 group are behind, other groups have no epochs") {
  GroupIs group{.id = "g", .type = "consumer", .assignments = {"", "", ""}};
  CHECK(collected(group).members_behind == 0);
  group.epoch = 7;
  group.member_epochs = {7, 6, -2};
  CHECK(collected(group).members_behind == 2);
  CHECK(collected({.id = "g", .type = "streams", .assignments = {""}}).members_behind == -1);
  CHECK(collected({.id = "g", .assignments = {assignment("t0", {0})}}).members_behind == -1);
  CHECK(collected({.id = "g", .state = "Empty", .type = "consumer"}).members_behind == 0);
}

TEST_CASE("Partitions that members are to give up or to get are not reconciled, each counted once") {
  using Targets = std::vector<std::vector<int32_t>>;
  const std::pair<Targets, int32_t> rows[] = {
      {{}, 0},             // as assigned
      {{{0}, {1}}, 0},     //
      {{{1}, {0}}, 2},     // swapped
      {{{}, {1, 0}}, 1},   // one moves
      {{{0}, {1, 7}}, 1},  // one is still of nobody
      {{{0}, {}}, 1},      // one is given up
      {{{}, {0}}, 2},      // one moves, one is given up
  };
  for (const auto& [targets, count] : rows) {
    CAPTURE(targets);
    const auto group = collected({.id = "g", .type = "consumer", .assignments = {"", ""}, .targets = targets});
    CHECK(group.unreconciled_partitions == count);
  }
  CHECK(collected({.id = "g", .state = "Empty", .type = "consumer"}).unreconciled_partitions == 0);
  CHECK(collected({.id = "g", .assignments = {assignment("t0", {0})}}).unreconciled_partitions == -1);
}

TEST_CASE("A member that owns partitions of a topic that the filter leaves out is not idle") {
  const auto group = collected({.id = "g", .assignments = {assignment("unknown", {0})}});
  CHECK(group.idle_members == 0);
  CHECK(group.assigned.empty());
}

TEST_CASE("A Streams group's members own what their active tasks read") {
  const auto group = collected({.id = "g", .type = "streams", .assignments = {"", ""}}, true);
  CHECK(group.assigned == Assigned{{0, 0}, {0, 1}});
  REQUIRE(group.member_list.size() == 2);
  CHECK(text(group.member_list[1]) == "m1 client /127.0.0.1: 0/1");
}

TEST_CASE("While a classic group rebalances, who owns what is not known, nor is what it is made of") {
  for (const char* state : {"PreparingRebalance", "CompletingRebalance"}) {
    const auto group = collected({.id = "g", .state = state, .assignments = {"", ""}});
    INFO(state);
    CHECK(group.members == 2);
    CHECK(group.idle_members == -1);
    CHECK_FALSE(group.assignment_known);
    CHECK(group.membership == 0);
  }
}

TEST_CASE("While a coordinator moves partitions it is known who owns them; what the group is made of is not") {
  for (const char* type : {"consumer", "streams"}) {
    const auto group = collected({.id = "g", .state = "Reconciling", .type = type, .assignments = {"", kIdle}});
    INFO(type);
    CHECK(group.assignment_known);
    CHECK(group.idle_members == 1);
    CHECK(group.membership == 0);
  }
}

TEST_CASE("A group without members owns nothing, and that is known, however it is told") {
  const auto listed = collected({.id = "g", .state = "Empty"});
  const auto described = collected({.id = "g"});  // it was Stable when it was listed
  const auto consumer = collected({.id = "g", .state = "Empty", .type = "consumer"});
  const auto streams = collected({.id = "g", .state = "Empty", .type = "streams"});
  for (const auto* group : {&listed, &described, &consumer, &streams}) {
    INFO(group->type);
    CHECK(group->members == 0);
    CHECK(group->idle_members == 0);
    CHECK(group->assignment_known);
    CHECK(group->membership != 0);
    CHECK(group->membership == listed.membership);
  }
}

TEST_CASE("Simple groups have no members to be idle; Connect's workers own no partitions, but do come and go") {
  const auto simple = collected({.id = "g", .protocol_type = "", .state = "Empty"});
  CHECK(simple.members == 0);
  CHECK(simple.idle_members == -1);
  CHECK_FALSE(simple.assignment_known);
  CHECK(simple.membership == 0);
  const auto workers = collected({.id = "g", .protocol_type = "connect", .assignments = {"connectors"}});
  CHECK(workers.members == 1);
  CHECK(workers.idle_members == -1);
  CHECK_FALSE(workers.assignment_known);
  CHECK(workers.membership != 0);
  const auto no_workers = collected({.id = "g", .protocol_type = "connect", .state = "Empty"});
  CHECK(no_workers.members == 0);
  CHECK(no_workers.idle_members == -1);
  CHECK_FALSE(no_workers.assignment_known);
  CHECK(no_workers.membership != workers.membership);
}

TEST_CASE("One assignment in a format of its own leaves unknown who is idle, not what the group is made of") {
  const auto group = collected({.id = "g", .assignments = {"\x01", assignment("t0", {1}), ""}});
  CHECK(group.members == 3);
  CHECK(group.idle_members == -1);
  CHECK_FALSE(group.assignment_known);
  CHECK(group.membership != 0);
}

// ----------------------------------------------------------------------------------- what a group is made of, in a
// number

TEST_CASE("What a group is made of does not depend on the order in which its members are told") {
  const std::string first = assignment("t0", {0}), second = assignment("t0", {1});
  const auto one = collected({.id = "g", .assignments = {first, second}, .members = {"a", "b"}});
  const auto other = collected({.id = "g", .assignments = {second, first}, .members = {"b", "a"}});
  CHECK(one.membership != 0);
  CHECK(one.membership == other.membership);
}

TEST_CASE("Members that swap what they own, that come, go or are replaced make another group of it") {
  const std::string first = assignment("t0", {0}), second = assignment("t0", {1});
  const auto before = collected({.id = "g", .assignments = {first, second}, .members = {"a", "b"}}).membership;
  const GroupIs changed[] = {
      {.id = "swapped", .assignments = {second, first}, .members = {"a", "b"}},
      {.id = "came", .assignments = {first, second, ""}, .members = {"a", "b", "c"}},
      {.id = "gone", .assignments = {first}, .members = {"a"}},
      {.id = "replaced", .assignments = {first, second}, .members = {"a", "c"}},
      {.id = "all", .assignments = {assignment("t0", {0, 1}), ""}, .members = {"a", "b"}},
  };
  for (const auto& group : changed) {
    INFO(group.id);
    CHECK(collected(group).membership != before);
  }
}

TEST_CASE("The same holds where the coordinator assigns") {
  for (const char* type : {"consumer", "streams"}) {
    const auto membership = [type](std::vector<std::string> members, std::vector<std::string> assignments) {
      return collected({.id = "g", .type = type, .assignments = std::move(assignments), .members = std::move(members)})
          .membership;
    };
    INFO(type);
    const auto before = membership({"a", "b"}, {"", ""});  // partitions 0 and 1
    CHECK(before != 0);
    CHECK(membership({"a", "b"}, {"", ""}) == before);
    CHECK(membership({"b", "a"}, {"", ""}) != before);  // swapped
    CHECK(membership({"a", "c"}, {"", ""}) != before);
    CHECK(membership({"a", "b"}, {"", kIdle}) != before);
    CHECK(membership({"a"}, {""}) != before);
  }
}

// -------------------------------------------------------------------------------------------------- lists of members

TEST_CASE("Members are listed only where the configuration wants them") {
  const GroupIs group{.id = "g", .assignments = {assignment("t0", {0})}};
  CHECK(collected(group).member_list.empty());
  CHECK(collected(group, true).member_list.size() == 1);
}

TEST_CASE("Members are sorted by id, each with what it owns of known topics, sorted and each once") {
  const auto group =
      collected({.id = "g",
                 .assignments = {assignment("t1", {1, 0, 1, 7, -1}), assignment("unknown", {0}), assignment("t0", {1})},
                 .members = {"b", "c", "a \"quoted\" one"}},
                true);
  REQUIRE(group.member_list.size() == 3);
  CHECK(text(group.member_list[0]) == "a \"quoted\" one client /127.0.0.1: 0/1");
  CHECK(text(group.member_list[1]) == "b client /127.0.0.1: 1/0 1/1");
  CHECK(text(group.member_list[2]) == "c client /127.0.0.1:");
  CHECK(group.assigned == Assigned{{0, 1}, {1, 0}, {1, 1}});
}

TEST_CASE("Members of a group that an answer describes twice, or that are told twice, are listed once") {
  for (const char* type : {"classic", "consumer", "streams"}) {
    const GroupIs twice{.id = "g", .type = type, .assignments = {assignment("t0", {0}), ""}, .members = {"a", "b"}};
    INFO(type);
    CHECK(collected(twice, true, 2).member_list.size() == 2);
  }
  const GroupIs same{.id = "g", .assignments = {assignment("t0", {0}), assignment("t0", {1})}, .members = {"a", "a"}};
  REQUIRE(collected(same, true).member_list.size() == 1);
  CHECK(text(collected(same, true).member_list[0]) == "a client /127.0.0.1: 0/0");
}

TEST_CASE("A broker without the question about Streams groups leaves what its list says of them") {
  FakeKafka kafka(1);
  const GroupIs group{.id = "g", .type = "streams"};
  kafka.on(1, kListGroups, group_list({group}));
  const auto client = connected(kafka.config(), 1);
  Asking asking(*client);
  const auto groups = collect_groups(asking.requests, asking.metadata(), config::Filter(), false, {}, asking.failures);
  REQUIRE(groups.groups.size() == 1);
  CHECK(groups.groups[0].group.type == "streams");
  CHECK(groups.groups[0].group.state == "Stable");
  CHECK(groups.groups[0].group.members == -1);
}
