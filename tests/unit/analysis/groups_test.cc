#include "analysis/groups.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cmath>
#include <optional>

#include "analysis/figures.h"
#include "analysis/poll_results.h"
#include "analysis/time_lag.h"

using namespace kafkascope::analysis;
namespace model = kafkascope::model;
using model::PartitionRef;

namespace {

using Refs = std::vector<PartitionRef>;

const std::vector<TopicIs> kOrders{{"orders"}};

/// A poll with one topic that lists this group.
PollResult poll_with(std::chrono::milliseconds when, model::GroupResult result) {
  PollResult all = poll(when, cluster(kOrders));
  all.groups = groups(std::move(result));
  return all;
}

/// A poll in which the group's coordinator does not respond.
PollResult poll_without(std::chrono::milliseconds when, std::string group) {
  PollResult result = poll(when, cluster(kOrders));
  result.failed_groups = {std::move(group)};
  return result;
}

model::GroupResult with_members(std::string id, int32_t members, uint64_t membership = 0) {
  auto result = group(std::move(id), {{{0, 0}, 90}});
  result.group.members = members;
  result.group.membership = membership;
  return result;
}

model::GroupResult left_out(std::string id) {
  model::GroupResult result;
  result.group = {std::move(id), "classic", "", "Empty", 1, 0};
  result.left_out = true;
  return result;
}

const model::GroupSnapshot& only(const Snapshot& snapshot) {
  REQUIRE(snapshot.groups.size() == 1);
  return snapshot.groups[0];
}

}  // namespace

// ------------------------------------------------------------------------------------------------- since when, how
// long

TEST_CASE("A group is in its state since it was first seen in it") {
  Story story;
  const auto seen = [&](std::chrono::seconds when, const char* state) {
    auto result = with_members("g", 1);
    result.group.state = state;
    return only(story.then(poll_with(when, std::move(result)))).state_since;
  };
  CHECK(seen(0s, "Stable") == at(0s));
  CHECK(seen(15s, "Stable") == at(0s));
  CHECK(seen(30s, "PreparingRebalance") == at(30s));
  CHECK(seen(45s, "PreparingRebalance") == at(30s));
  CHECK(seen(60s, "") == at(30s));
  for (auto when = 75s; when < 300s; when += 15s) story.then(poll_without(when, "g"));
  CHECK(only(story.now()).group.state.empty());  // no longer held
  CHECK(seen(300s, "PreparingRebalance") == at(30s));
  CHECK(seen(315s, "Stable") == at(315s));
}

TEST_CASE("The time of the offsets of an empty group") {
  const auto used = [](const Snapshot& snapshot) { return figures(snapshot, {}).groups.at(0).offset_retention_used; };
  const auto close_to = [](double value, double wanted) { return std::abs(value - wanted) < 1e-9; };
  Story story;
  story.then(poll_with(0s, with_members("g", 1)));
  CHECK(used(story.now()) < 0);  // the retention is unknown
  model::BackgroundResult retention;
  retention.at = at(0s);
  retention.offsets_retention_state = model::ReadState::kOk;
  retention.offsets_retention_ms = 600'000;
  CHECK(used(story.add_lookup(retention)) == 0);
  CHECK(used(story.then(poll_with(15s, with_members("g", 0)))) == 0);
  CHECK(close_to(used(story.then(poll_with(165s, with_members("g", 0)))), 0.25));
  CHECK(used(story.then(poll_with(180s, with_members("g", -1)))) >= 0.25);  // members are held
  CHECK(close_to(used(story.then(poll_with(765s, with_members("g", 0)))), 1.25));
  CHECK(used(story.then(poll_with(780s, with_members("g", 2)))) == 0);
  story.then(poll_with(795s, group("g", {})));
  CHECK(used(story.now()) < 0);  // no offsets
  auto simple = with_members("g", 0);
  simple.group.type = "simple";
  CHECK(used(story.then(poll_with(810s, simple))) < 0);
  retention.offsets_retention_state = model::ReadState::kFailed;
  story.add_lookup(retention);
  CHECK(story.now().offsets_retention_ms.held());
}

// ---------------------------------------------------------------------------------------------- membership changes

TEST_CASE("Membership changes over successive polls") {
  constexpr uint64_t kUnknownMembers = 0;
  constexpr uint64_t kSilent = 99;  ///< The coordinator does not respond.
  constexpr uint64_t kListed = 98;  ///< The group is listed but not described.
  struct Row {
    const char* what;
    std::vector<uint64_t> polls;
    uint64_t changes;
  };
  const Row row = GENERATE(values<Row>({
      // clang-format off
      {"our start", {1}, 0},
      {"nothing happens", {1, 1, 1}, 0},
      {"somebody comes", {1, 2, 2}, 1},
      {"and goes", {1, 2, 1}, 2},
      {"a rebalance that ends as it was", {1, kUnknownMembers, kUnknownMembers, 1}, 0},
      {"a rebalance that ends otherwise", {1, kUnknownMembers, kUnknownMembers, 2}, 1},
      {"known for the first time", {kUnknownMembers, kUnknownMembers, 1}, 0},
      {"never known, as of Connect", {kUnknownMembers, kUnknownMembers, kUnknownMembers}, 0},
      {"not described, and the same", {1, kListed, 1}, 0},
      {"not described, and others", {1, kListed, 2}, 1},
      {"not described for longer than the hold, and the same", {1, kListed, kListed, kListed, kListed, 1}, 0},
      {"not described for longer than the hold, and others", {1, kListed, kListed, kListed, kListed, 2}, 1},
      {"silent, and the same", {1, 2, kSilent, 2}, 1},
      {"silent for longer than the hold, and the same", {1, 2, kSilent, kSilent, kSilent, kSilent, 2}, 1},
      {"silent for longer than the hold, and others", {1, 2, kSilent, kSilent, kSilent, kSilent, 3}, 2},
      {"silent, then listed, for longer than the hold", {1, 2, kSilent, kSilent, kSilent, kListed, 3}, 2},
      {"silent, then in a rebalance", {1, kSilent, kSilent, kSilent, kUnknownMembers, 1}, 0},
      // clang-format on
  }));
  INFO(row.what);
  Story story({.hold = 60s});
  auto when = 0s;
  uint64_t last = 0;
  for (const uint64_t found : row.polls) {
    const auto& now = found == kSilent   ? story.then(poll_without(when, "g"))
                      : found == kListed ? story.then(poll_with(when, listed_only("g")))
                                         : story.then(poll_with(when, with_members("g", 1, found)));
    REQUIRE(only(now).membership_changes >= last);  // a counter
    last = only(now).membership_changes;
    when += 30s;
  }
  CHECK(last == row.changes);
}

TEST_CASE("A re-created group counts from 0") {
  Story story;
  story.then(poll_with(0s, with_members("g", 1, 1)));
  story.then(poll_with(15s, with_members("g", 1, 2)));
  story.then(poll(30s, cluster(kOrders)));  // not listed, and all brokers responded
  CHECK(story.now().groups.empty());
  CHECK(only(story.then(poll_with(45s, with_members("g", 1, 3)))).membership_changes == 0);
}

// ------------------------------------------------------------------------------------------------------ empty groups

TEST_CASE("Since when a group is empty") {
  constexpr int32_t kSilent = -2, kListed = -1;
  struct Row {
    const char* what;
    std::vector<int32_t> members;  ///< In polls every 30 s.
    std::optional<std::chrono::seconds> since;
  };
  const Row row = GENERATE(values<Row>({
      {"it is not", {1, 1, 1}, {}},
      {"from the start", {0, 0, 0}, 0s},
      {"since its last member left", {1, 0, 0, 0}, 30s},
      {"a member was there for a moment", {0, 0, 1, 0, 0}, 90s},
      {"a member is there", {0, 0, 1}, {}},
      {"nobody knows", {kListed, kListed}, {}},
      {"silence does not fill it", {0, kSilent, 0}, 0s},
      {"nor does a long one", {0, kSilent, kSilent, kSilent, kSilent, kSilent, 0}, 0s},
      {"nor what is not described", {0, kListed, kListed, kListed, kListed, 0}, 0s},
      {"held members are members", {1, kListed, kListed}, {}},
      {"its member left while it was silent: seen when it speaks", {1, kSilent, kSilent, 0}, 90s},
      {"a member came while it was silent", {0, kSilent, kSilent, kSilent, 1}, {}},
  }));
  INFO(row.what);
  Story story({.hold = 60s});
  auto when = 0s;
  for (const int32_t members : row.members) {
    if (members == kSilent)
      story.then(poll_without(when, "g"));
    else
      story.then(poll_with(when, members == kListed ? listed_only("g") : with_members("g", members)));
    when += 30s;
  }
  CHECK(only(story.now()).empty_since == (row.since ? at(*row.since) : model::Time{}));
}

TEST_CASE("A group that is left out is not shown, held or looked up, and keeps its state") {
  Story story;
  PollResult first = poll_with(0s, with_members("g", 1, 1));
  story.then(std::move(first));
  PollResult moved = poll_with(15s, with_members("g", 1, 2));
  moved.groups[0].commits[0].offset = 95;
  story.then(std::move(moved));
  story.then(poll_with(30s, with_members("g", 0, 3)));
  const auto progress = only(story.now()).partitions.at(0).progress;
  REQUIRE(progress.moved == model::to_tick(at(30s)));
  for (auto when = 45s; when <= 600s; when += 15s) {
    const Snapshot& now = story.then(poll_with(when, left_out("g")));
    REQUIRE_FALSE(only(now).shown);
    REQUIRE_FALSE(only(now).held());
    REQUIRE(only(now).empty_since == at(30s));
    REQUIRE(only(now).membership_changes == 2);
    REQUIRE(find_records_without_time(now, {}, 100).empty());
    REQUIRE(find_possible_transaction_markers(now, {}, 100).empty());
    if (when > 45s) REQUIRE(now.offset_history.at(0).points.empty());  // no group reads it
  }
  const auto& back = only(story.then(poll_with(615s, with_members("g", 1, 4))));
  CHECK(back.shown);
  CHECK(back.empty_since == model::Time{});
  CHECK(back.membership_changes == 3);
  REQUIRE(back.partitions.size() == 1);
  CHECK(back.partitions[0].committed == fresh(90));
  CHECK(back.partitions[0].progress.moved == progress.moved);
}

TEST_CASE("A left-out group does not appear when its coordinator does not respond") {
  Story story({.hold = 1min});
  story.then(poll_with(0s, with_members("g", 0)));
  story.then(poll_with(15s, left_out("g")));
  for (auto when = 30s; when <= 180s; when += 15s) {
    REQUIRE_FALSE(only(story.then(poll_without(when, "g"))).shown);
    REQUIRE_FALSE(only(story.now()).held());
  }
  for (auto when = 195s; when <= 360s; when += 15s)
    REQUIRE_FALSE(only(story.then(silent_poll(when, story.now()))).shown);
  CHECK_FALSE(only(story.then(poll_with(375s, left_out("g")))).shown);
  CHECK(only(story.now()).empty_since == at(0s));
}

TEST_CASE("A group that comes back does not hold offsets from before it was left out") {
  Story story({.hold = 1min});
  story.then(poll_with(0s, with_members("g", 0)));
  story.then(poll_with(15s, left_out("g")));
  PollResult result = poll_with(3600s, listed_only("g"));
  result.groups[0].group.members = 1;
  const auto& back = only(story.then(std::move(result)));
  CHECK(back.shown);
  for (const auto& row : back.partitions) {
    CHECK(row.committed == kUnknown);
    CHECK(row.lag == kUnknown);
  }
}

TEST_CASE("A left-out group that is deleted is removed") {
  Story story;
  story.then(poll_with(0s, with_members("g", 0)));
  story.then(poll_with(15s, left_out("g")));
  CHECK(story.then(poll(30s, cluster(kOrders))).groups.empty());
}

// ------------------------------------------------------------------------------------------------------ hidden groups

TEST_CASE("A group that cannot be read is hidden after the hold, and comes back with its counters and progress") {
  Story story({.hold = 1min});
  story.then(poll_with(0s, with_members("g", 1, 1)));
  PollResult result = poll_with(15s, with_members("g", 1, 2));
  result.groups[0].commits[0].offset = 95;
  story.then(std::move(result));

  const bool all_silent = GENERATE(false, true);
  for (auto when = 30s; when < 3600s; when += 15s) {
    const Snapshot& now = story.then(all_silent ? silent_poll(when, story.now()) : poll_without(when, "g"));
    const auto& group = only(now);
    REQUIRE(group.shown == (when < 90s));
    REQUIRE(group.membership_changes == 1);
    if (!group.shown) {
      REQUIRE(group.group.members == -1);
      REQUIRE(group.group.assigned.empty());
      REQUIRE(group.partitions.at(0).committed == kUnknown);
      REQUIRE(group.partitions.at(0).lag == kUnknown);
    }
  }
  const auto& back = only(story.then(poll_with(3600s, with_members("g", 1, 2))));
  CHECK(back.shown);
  CHECK_FALSE(back.held());
  CHECK(back.membership_changes == 1);
  CHECK(back.group.members == 1);
  CHECK(back.partitions.at(0).committed == fresh(90));
  CHECK(back.partitions.at(0).lag == fresh(10));
  CHECK(back.partitions.at(0).progress.moved == model::to_tick(at(3600s)));  // changed from 95 in between
}

TEST_CASE("A topic deleted or re-created while its group is held or hidden is removed from the group at once") {
  const auto hidden = GENERATE(false, true);
  Story story({.hold = 1min});
  PollResult first = poll(0s, cluster({{"a"}, {"b", 2}, {"c", 1, 'x'}}));
  first.groups = groups(group("g", {{{0, 0}, 1}, {{1, 1}, 2}, {{2, 0}, 3}}));
  story.then(std::move(first));
  auto when = 15s;
  for (; when < (hidden ? 150s : 30s); when += 15s) {
    PollResult result = poll(when, cluster({{"a"}, {"b", 2}, {"c", 1, 'x'}}));
    result.failed_groups = {"g"};
    story.then(std::move(result));
  }
  REQUIRE(only(story.now()).shown == !hidden);
  PollResult result = poll(when, cluster({{"b", 2}, {"c", 1, 'y'}}));
  result.failed_groups = {"g"};
  const auto& group = only(story.then(std::move(result)));
  REQUIRE(group.partitions.size() == 1);
  CHECK(group.partitions[0].partition == PartitionRef{0, 1});
  CHECK(group.group.assigned == (hidden ? Refs{} : Refs{{0, 1}}));
  CHECK(group.partitions[0].committed == (hidden ? kUnknown : held(2, 15s)));
}

TEST_CASE("Assignments refer to the current topic indices") {
  Story story;
  PollResult first = poll(0s, cluster({{"b"}, {"c", 2}}));
  first.groups = groups(group("g", {}));
  first.groups[0].group.assigned = {{0, 0}, {1, 0}, {1, 1}};
  first.groups[0].group.member_list = {{"m1", "c", "/h", {{0, 0}, {1, 1}}}, {"m2", "c", "/h", {{1, 0}}}};
  story.then(std::move(first));
  PollResult second = poll(15s, cluster({{"a", 3}, {"c", 2}}));
  second.groups = groups(listed_only("g"));
  const auto& held = only(story.then(std::move(second))).group;
  CHECK(held.assigned == Refs{{1, 0}, {1, 1}});
  REQUIRE(held.member_list.size() == 2);
  CHECK(held.member_list[0].assigned == Refs{{1, 1}});
  CHECK(held.member_list[1].assigned == Refs{{1, 0}});
}

TEST_CASE("A group whose coordinator moves keeps its state and shows the new coordinator") {
  Story story({.hold = 1min});
  const auto found_at = [](int32_t coordinator, model::GroupResult result) {
    result.group.coordinator = coordinator;
    return result;
  };
  story.then(poll_with(0s, found_at(1, with_members("g", 2, 7))));
  story.then(poll_without(15s, "g"));  // the old coordinator no longer has it, and the new one is loading
  CHECK(only(story.now()).group.coordinator == 1);
  CHECK(only(story.now()).group.members == 2);
  story.then(poll_with(30s, found_at(2, listed_only("g"))));  // listed, but not yet described
  CHECK(only(story.now()).group.coordinator == 2);
  CHECK(only(story.now()).group.members == 2);
  CHECK(only(story.now()).failing_since == at(15s));
  CHECK(only(story.now()).partitions.at(0).committed == held(90, 15s));
  story.then(poll_with(45s, found_at(3, listed_only("g"))));  // moves again
  CHECK(only(story.now()).group.coordinator == 3);
  CHECK(only(story.now()).group.members == 2);
  const auto& now = only(story.then(poll_with(60s, found_at(3, with_members("g", 2, 7)))));
  CHECK_FALSE(now.held());
  CHECK(now.membership_changes == 0);
  CHECK(now.partitions.at(0).committed == fresh(90));
}

TEST_CASE("Groups of a replaced cluster disappear once all brokers of the new one have responded") {
  const bool all_answered = GENERATE(true, false);
  Story story({.hold = 1min});
  story.then(poll_with(0s, with_members("g", 2)));
  PollResult result = poll_without(15s, "g");
  auto other = std::make_shared<model::Metadata>(*result.metadata);
  other->cluster_id = "other";
  result.metadata = other;
  if (!all_answered) result.answered.clear();
  CHECK(story.then(std::move(result)).groups.empty() == all_answered);
}

TEST_CASE("A group that is both listed and failed is there once") {
  Story story;
  story.then(poll_with(0s, with_members("g", 2)));
  PollResult result = poll_with(15s, with_members("g", 3));
  result.failed_groups = {"g"};
  CHECK(only(story.then(std::move(result))).group.members == 3);
}

// ------------------------------------------------------------------------------------------------------ share groups

namespace {

model::ShareGroupResult share_group(std::string id, std::vector<model::ShareRow> rows, int32_t members = 1) {
  return {{std::move(id), "Stable", 1, members}, true, std::move(rows)};
}

/// A share group that is listed only.
model::ShareGroupResult share_listed(std::string id) { return {{std::move(id), "Stable", 1, -1}, false, {}}; }

template <class... Group>
PollResult share_poll(std::chrono::milliseconds when, Group... group) {
  PollResult result = poll(when, cluster(kOrders));
  (result.share_groups.push_back(std::move(group)), ...);
  return result;
}

PollResult share_silence(std::chrono::milliseconds when, std::vector<std::string> ids) {
  PollResult result = poll(when, cluster(kOrders));
  result.failed_share_groups = std::move(ids);
  return result;
}

std::vector<std::string> share_ids(const Snapshot& snapshot) {
  std::vector<std::string> ids;
  for (const auto& group : snapshot.share_groups) ids.push_back(group.group.id);
  return ids;
}
using Ids = std::vector<std::string>;

}  // namespace

TEST_CASE("A share group is published as read") {
  Story story;
  const auto& now = story.then(share_poll(0s, share_group("s", {{{0, 0}, 40, 60}}, 2)));
  REQUIRE(share_ids(now) == Ids{"s"});
  CHECK_FALSE(now.share_groups[0].held());
  CHECK(now.share_groups[0].group.members == 2);
  REQUIRE(now.share_groups[0].rows.size() == 1);
  CHECK(now.share_groups[0].rows[0].start_offset == fresh(40));
  CHECK(now.share_groups[0].rows[0].lag == fresh(60));
}

TEST_CASE("Values that a share group's broker does not report are unknown, not 0") {
  Story story;
  const auto& row = story.then(share_poll(0s, share_group("s", {{{0, 0}, -1, -1}}))).share_groups.at(0).rows.at(0);
  CHECK(row.start_offset == kUnknown);
  CHECK(row.lag == kUnknown);
}

TEST_CASE(
    "A share group that is no longer listed is removed at once; if its coordinator does not respond, it is held") {
  Story story({.hold = 1min});
  story.then(
      share_poll(0s, share_group("deleted", {}), share_group("here", {}), share_group("silent", {{{0, 0}, 40, 60}})));
  for (const auto& [when, there] : {std::pair{15s, true}, {74s, true}, {75s, false}, {90s, false}}) {
    INFO(when.count());
    PollResult result = share_poll(when, share_group("here", {}));
    result.failed_share_groups = {"silent"};
    const auto& now = story.then(std::move(result));
    REQUIRE(share_ids(now) == (there ? Ids{"here", "silent"} : Ids{"here"}));
    if (!there) continue;
    CHECK_FALSE(now.share_groups[0].held());
    CHECK(now.share_groups[1].failing_since == at(15s));
    CHECK(now.share_groups[1].group.members == 1);
    CHECK(now.share_groups[1].rows.at(0).start_offset == held(40, 15s));
    CHECK(now.share_groups[1].rows.at(0).lag == held(60, 15s));
  }
}

TEST_CASE("Members and offsets of a share group that is listed but not described are held") {
  Story story({.hold = 1min});
  story.then(share_poll(0s, share_group("s", {{{0, 0}, 40, 60}}, 3)));
  for (const auto when : {15s, 74s}) {
    const auto& group = story.then(share_poll(when, share_listed("s"))).share_groups.at(0);
    CHECK(group.failing_since == at(15s));
    CHECK(group.group.members == 3);
    CHECK(group.rows.at(0).start_offset == held(40, 15s));
    CHECK(group.rows.at(0).lag == held(60, 15s));
  }
  for (const auto when : {75s, 90s}) {
    const auto& group = story.then(share_poll(when, share_listed("s"))).share_groups.at(0);
    CHECK_FALSE(group.held());
    CHECK(group.group.members == -1);
    CHECK(group.rows.at(0).start_offset == kUnknown);
    CHECK(group.rows.at(0).lag == kUnknown);
  }
}

TEST_CASE("A share group's offsets can be fresh while its members are held, and vice versa") {
  Story story({.hold = 1min});
  story.then(share_poll(0s, share_group("s", {{{0, 0}, 40, 60}}, 3)));
  auto only_offsets = share_group("s", {{{0, 0}, 50, 50}}, -1);
  const auto& first = story.then(share_poll(15s, std::move(only_offsets))).share_groups.at(0);
  CHECK(first.failing_since == at(15s));
  CHECK(first.group.members == 3);
  CHECK(first.rows.at(0).start_offset == fresh(50));
  auto only_members = share_listed("s");
  only_members.group.members = 4;
  const auto& second = story.then(share_poll(30s, std::move(only_members))).share_groups.at(0);
  CHECK_FALSE(second.held());
  CHECK(second.group.members == 4);
  CHECK(second.rows.at(0).start_offset == held(50, 30s));
}

TEST_CASE("A share group whose members failed earlier than its coordinator is held as long as its offsets") {
  Story story({.hold = 1min});
  story.then(share_poll(0s, share_group("s", {{{0, 0}, 40, 60}}, 3)));
  story.then(share_poll(15s, share_group("s", {{{0, 0}, 40, 60}}, -1)));
  story.then(share_silence(60s, {"s"}));
  const auto& now = story.then(share_silence(80s, {"s"}));
  REQUIRE(share_ids(now) == Ids{"s"});
  CHECK(now.share_groups[0].group.members == -1);
  CHECK(now.share_groups[0].rows.at(0).lag == held(60, 60s));
  CHECK(share_ids(story.then(share_silence(120s, {"s"}))).empty());
}

TEST_CASE("Share groups refer to current topic indices and are sorted") {
  Story story;
  PollResult first = poll(0s, cluster({{"b"}, {"c", 2}}));
  first.share_groups = {share_group("b", {{{0, 0}, 1, 2}, {{1, 1}, 3, 4}}), share_group("d", {{{1, 0}, 5, 6}})};
  story.then(std::move(first));
  PollResult second = poll(15s, cluster({{"a", 3}, {"c", 2}}));
  second.share_groups = {share_group("a", {}), share_listed("d"), share_group("e", {})};
  second.failed_share_groups = {"b", "stranger"};
  const auto& now = story.then(std::move(second));
  REQUIRE(share_ids(now) == Ids{"a", "b", "d", "e"});
  REQUIRE(now.share_groups[1].rows.size() == 1);  // offsets of the deleted topic b are gone
  CHECK(now.share_groups[1].rows[0].partition == PartitionRef{1, 1});
  CHECK(now.share_groups[1].rows[0].lag == held(4, 15s));
  REQUIRE(now.share_groups[2].rows.size() == 1);
  CHECK(now.share_groups[2].rows[0].partition == PartitionRef{1, 0});
  CHECK(now.share_groups[2].rows[0].lag == held(6, 15s));
}

TEST_CASE("Share groups of an unreachable cluster are held, removed, and come back") {
  Story story({.hold = 1min});
  story.then(share_poll(0s, share_group("s", {{{0, 0}, 40, 60}})));
  CHECK(share_ids(story.then(silent_poll(15s, story.now()))) == Ids{"s"});
  CHECK(share_ids(story.then(silent_poll(74s, story.now()))) == Ids{"s"});
  CHECK(share_ids(story.then(silent_poll(75s, story.now()))).empty());
  const auto& now = story.then(share_poll(90s, share_group("s", {{{0, 0}, 70, 30}})));
  REQUIRE(share_ids(now) == Ids{"s"});
  CHECK_FALSE(now.share_groups[0].held());
  CHECK(now.share_groups[0].rows.at(0).lag == fresh(30));
}
