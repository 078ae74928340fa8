#include "analysis/next_snapshot.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <optional>

#include "analysis/hold.h"
#include "analysis/lag.h"
#include "analysis/poll_results.h"

using namespace kafkascope::analysis;
namespace model = kafkascope::model;
using model::kFailedOffset;
using model::kNotRequestedOffset;

namespace {

const model::Options kHoldOneMinute{.hold = 1min};

std::vector<std::string> ids(const Snapshot& snapshot) {
  std::vector<std::string> ids;
  for (const auto& group : snapshot.groups)
    if (group.shown) ids.push_back(group.group.id);
  return ids;
}
using Ids = std::vector<std::string>;
using Values = std::vector<Value>;

}  // namespace

// ------------------------------------------------------------------------------------------------------- the cluster

TEST_CASE("A failed first poll yields an empty snapshot with up = false") {
  Story story;
  const Snapshot& now = story.then(silent_poll(0s, {}));
  CHECK_FALSE(now.up);
  CHECK(now.at == at(0s));
  CHECK(now.metadata == nullptr);
  CHECK(now.latest.empty());
  CHECK(now.groups.empty());
  CHECK(now.brokers.empty());
}

TEST_CASE("Values read in a poll are fresh") {
  Story story;
  PollResult result = poll(0s, cluster({{"orders", 2}}));
  result.latest = {100, 200};
  result.earliest = {0, 50};
  result.groups = groups(group("g", {{{0, 0}, 90}, {{0, 1}, 200}}));
  const Snapshot& now = story.then(std::move(result));
  CHECK(now.up);
  CHECK_FALSE(now.metadata_held());
  CHECK(now.latest == Values{fresh(100), fresh(200)});
  CHECK(now.earliest == Values{fresh(0), fresh(50)});
  REQUIRE(now.groups.size() == 1);
  CHECK_FALSE(now.groups[0].held());
  REQUIRE(now.groups[0].partitions.size() == 2);
  CHECK(now.groups[0].partitions[0].committed == fresh(90));
  CHECK(now.groups[0].partitions[0].lag == fresh(10));
  CHECK(now.groups[0].partitions[1].lag == fresh(0));
}

TEST_CASE("An unreachable cluster is held from the first failed poll on, then absent; kafka_up is never held") {
  Story story(kHoldOneMinute);
  PollResult result = poll(0s, cluster({{"orders"}}));
  result.groups = groups(group("g", {{{0, 0}, 90}}));
  story.then(std::move(result));

  for (const auto when : {15s, 45s, 74s}) {  // the first failed read is at 15 s: held until 75 s
    const Snapshot& now = story.then(silent_poll(when, story.now()));
    INFO(when.count());
    CHECK_FALSE(now.up);
    REQUIRE(now.metadata != nullptr);
    CHECK(now.metadata_held());
    CHECK(now.metadata_failing_since == at(15s));
    CHECK(now.latest == Values{held(100, 15s)});
    CHECK(now.earliest == Values{held(0, 15s)});
    REQUIRE(now.groups.size() == 1);
    CHECK(now.groups[0].failing_since == at(15s));
    CHECK(now.groups[0].group.members == 1);
    CHECK(now.groups[0].partitions[0].committed == held(90, 15s));
    CHECK(now.groups[0].partitions[0].lag == held(10, 15s));
  }
  const Snapshot& gone = story.then(silent_poll(75s, story.now()));
  CHECK(gone.metadata == nullptr);
  CHECK(gone.latest == Values{kUnknown});
  CHECK(ids(gone).empty());
}

TEST_CASE("A cluster that recovers is fresh at once, within `hold` and after it") {
  const auto metadata = cluster({{"orders"}});
  for (const auto back : {30s, 600s}) {
    INFO(back.count());
    Story story(kHoldOneMinute);
    story.then(poll(0s, metadata));
    story.then(silent_poll(15s, story.now()));
    story.then(silent_poll(back - 1s, story.now()));
    PollResult result = poll(back, cluster({{"orders"}}));
    result.latest = {300};
    result.groups = groups(group("g", {{{0, 0}, 300}}));
    const Snapshot& now = story.then(std::move(result));
    CHECK(now.up);
    CHECK_FALSE(now.metadata_held());
    CHECK(now.metadata_failing_since == model::Time{});
    CHECK(now.latest == Values{fresh(300)});
    CHECK(now.groups.at(0).partitions.at(0).lag == fresh(0));
  }
}

TEST_CASE("A second failure is held for as long as the first") {
  Story story(kHoldOneMinute);
  story.then(poll(0s, cluster({{"orders"}})));
  story.then(silent_poll(15s, story.now()));
  story.then(poll(60s, cluster({{"orders"}})));
  story.then(silent_poll(75s, story.now()));
  CHECK(story.then(silent_poll(134s, story.now())).metadata_failing_since == at(75s));
  CHECK(story.then(silent_poll(135s, story.now())).metadata == nullptr);
}

TEST_CASE("hold 0 holds nothing") {
  Story story({.hold = 0ms});
  PollResult result = poll(0s, cluster({{"orders", 2}}));
  story.then(std::move(result));
  PollResult half = poll(15s, cluster({{"orders", 2}}));
  half.latest = {100, kFailedOffset};
  CHECK(story.then(std::move(half)).latest == Values{fresh(100), kUnknown});
  CHECK(story.then(silent_poll(30s, story.now())).metadata == nullptr);
}

TEST_CASE("Raw requests are summed over polls, including failed ones") {
  Story story;
  PollResult first = poll(0s, cluster({{"orders"}}));
  first.requests = {{"Metadata", 1}, {"ListOffsets", 3}};
  story.then(std::move(first));
  PollResult second = silent_poll(15s, story.now());
  second.requests = {{"Metadata", 2}};
  CHECK(story.then(std::move(second)).requests == std::map<std::string, uint64_t>{{"Metadata", 3}, {"ListOffsets", 3}});
}

// -------------------------------------------------------------------------------------------------------- brokers

TEST_CASE("A broker is up if it responded in this poll, and known if it is listed or has a replica") {
  Story story;
  PollResult result = poll(0s, cluster({{"orders", 1, 'a', {1, 2, 9}}}, 2));
  result.answered = {1};
  const Snapshot& now = story.then(std::move(result));
  REQUIRE(now.brokers.size() == 3);
  CHECK(now.brokers.at(1).up);
  CHECK_FALSE(now.brokers.at(2).up);  // listed, no response
  CHECK_FALSE(now.brokers.at(9).up);  // only in a replica list
}

TEST_CASE("A broker that disappears from the metadata is down for an hour and then removed") {
  Story story;
  story.then(poll(0s, cluster({{"orders"}}, 2)));
  const auto without = cluster({{"orders"}}, 1);
  CHECK(story.then(poll(15s, without)).brokers.contains(2));
  CHECK_FALSE(story.now().brokers.at(2).up);
  CHECK(story.then(poll(60min, without)).brokers.contains(2));
  CHECK_FALSE(story.then(poll(60min + 1s, without)).brokers.contains(2));
  CHECK(story.now().brokers.at(1).up);
}

TEST_CASE("A broker that responds while metadata fails is up") {
  Story story;
  story.then(poll(0s, cluster({{"orders"}}, 2)));
  PollResult result = silent_poll(15s, story.now());
  result.answered = {2, 7};
  const Snapshot& now = story.then(std::move(result));
  CHECK_FALSE(now.brokers.at(1).up);
  CHECK(now.brokers.at(2).up);
  CHECK_FALSE(now.brokers.contains(7));  // responded, but is not in the metadata
}

// --------------------------------------------------------------------------------------------- offsets of partitions

TEST_CASE("An end offset that could not be read is held; others are fresh") {
  Story story(kHoldOneMinute);
  const auto metadata = cluster({{"orders", 2}});
  story.then(poll(0s, metadata));
  for (const auto when : {15s, 74s}) {
    PollResult result = poll(when, metadata);
    result.latest = {kFailedOffset, 500};
    CHECK(story.then(std::move(result)).latest == Values{held(100, 15s), fresh(500)});
  }
  PollResult result = poll(75s, metadata);
  result.latest = {kFailedOffset, 500};
  CHECK(story.then(std::move(result)).latest == Values{kUnknown, fresh(500)});
}

TEST_CASE("An offset that was never read is unknown, not held, and never 0") {
  Story story;
  PollResult result = poll(0s, cluster({{"orders"}}));
  result.latest = {kFailedOffset};
  result.earliest = {kFailedOffset};
  const Snapshot& now = story.then(std::move(result));
  CHECK(now.latest == Values{kUnknown});
  CHECK(now.earliest == Values{kUnknown});
}

TEST_CASE("A start offset that is not requested stays fresh") {
  Story story(kHoldOneMinute);
  const auto metadata = cluster({{"orders"}});
  PollResult first = poll(0s, metadata);
  first.earliest = {7};
  story.then(std::move(first));
  for (const auto when : {15s, 200s}) {
    PollResult result = poll(when, metadata);
    result.earliest = {kNotRequestedOffset};
    CHECK(story.then(std::move(result)).earliest == Values{fresh(7)});
  }
}

TEST_CASE("If a collector returns no offsets, the last ones are held") {
  Story story(kHoldOneMinute);
  story.then(poll(0s, cluster({{"orders"}})));
  PollResult result = poll(15s, cluster({{"orders"}}));
  result.latest.clear();
  result.earliest.clear();
  const Snapshot& now = story.then(std::move(result));
  CHECK(now.latest == Values{held(100, 15s)});
  CHECK(now.earliest == Values{held(0, 15s)});
}

// ------------------------------------------------------------------------------------- topics that come, go and grow

TEST_CASE("Values follow their topic when topics before it are added or deleted") {
  Story story;
  PollResult first = poll(0s, cluster({{"b"}, {"c", 2}}));
  first.latest = {10, 20, 30};
  first.groups = groups(group("g", {{{0, 0}, 5}, {{1, 1}, 15}}));
  story.then(std::move(first));

  PollResult second = poll(15s, cluster({{"a", 3}, {"c", 2}}));  // a is new, b is gone
  second.latest.assign(5, kFailedOffset);
  second.groups = groups(listed_only("g"));
  const Snapshot& now = story.then(std::move(second));
  CHECK(now.latest == Values{kUnknown, kUnknown, kUnknown, held(20, 15s), held(30, 15s)});
  REQUIRE(now.groups.size() == 1);
  REQUIRE(now.groups[0].partitions.size() == 1);  // commits on the deleted topic b are gone
  CHECK(now.groups[0].partitions[0].partition == model::PartitionRef{1, 1});
  CHECK(now.groups[0].partitions[0].committed == held(15, 15s));
  CHECK(now.groups[0].group.assigned == std::vector<model::PartitionRef>{{1, 1}});
}

TEST_CASE("A re-created topic does not hold values of the old one") {
  Story story;
  PollResult first = poll(0s, cluster({{"orders", 1, 'a'}}));
  first.groups = groups(group("g", {{{0, 0}, 90}}));
  story.then(std::move(first));
  PollResult second = poll(15s, cluster({{"orders", 1, 'b'}}));
  second.latest = {kFailedOffset};
  second.earliest = {kFailedOffset};
  second.groups = groups(listed_only("g"));
  const Snapshot& now = story.then(std::move(second));
  CHECK(now.latest == Values{kUnknown});
  CHECK(now.earliest == Values{kUnknown});
  CHECK(now.groups.at(0).partitions.empty());
}

TEST_CASE("A topic keeps its values when brokers start or stop reporting topic ids, as in an upgrade") {
  for (const auto& [before, after] : {std::pair<char, char>{'\0', 'a'}, {'a', '\0'}}) {
    Story story;
    story.then(poll(0s, cluster({{"orders", 1, before}})));
    PollResult second = poll(15s, cluster({{"orders", 1, after}}));
    second.latest = {kFailedOffset};
    CHECK(story.then(std::move(second)).latest == Values{held(100, 15s)});
  }
}

TEST_CASE("Existing partitions keep their values when partitions are added") {
  Story story;
  story.then(poll(0s, cluster({{"orders", 1}, {"zebra", 1}})));
  PollResult second = poll(15s, cluster({{"orders", 3}, {"zebra", 1}}));
  second.latest = {kFailedOffset, kFailedOffset, 8, kFailedOffset};
  CHECK(story.then(std::move(second)).latest == Values{held(100, 15s), kUnknown, fresh(8), held(100, 15s)});
}

TEST_CASE("A start offset of a new partition that was not requested is unknown") {
  Story story;
  PollResult first = poll(0s, cluster({{"b"}}));
  first.earliest = {7};
  story.then(std::move(first));
  PollResult second = poll(15s, cluster({{"a"}, {"b"}}));
  second.earliest = {kNotRequestedOffset, kNotRequestedOffset};
  CHECK(story.then(std::move(second)).earliest == Values{kUnknown, fresh(7)});
}

// ---------------------------------------------------------------------------------------------------------- groups

TEST_CASE("A group that is no longer listed is removed at once; if its coordinator does not respond, it is held") {
  Story story(kHoldOneMinute);
  const auto metadata = cluster({{"orders"}});
  PollResult first = poll(0s, metadata);
  first.groups =
      groups(group("deleted", {{{0, 0}, 1}}), group("here", {{{0, 0}, 2}}), group("unreachable", {{{0, 0}, 3}}));
  story.then(std::move(first));

  PollResult second = poll(15s, metadata);
  second.groups = groups(group("here", {{{0, 0}, 2}}), group("new", {}));
  second.failed_groups = {"unreachable"};
  const Snapshot& now = story.then(std::move(second));
  REQUIRE(ids(now) == Ids{"here", "new", "unreachable"});
  CHECK_FALSE(now.groups[0].held());
  CHECK(now.groups[2].failing_since == at(15s));
  CHECK(now.groups[2].group.members == 1);
  CHECK(now.groups[2].group.state == "Stable");
  CHECK(now.groups[2].partitions[0].committed == held(3, 15s));
  CHECK(now.groups[2].partitions[0].lag == held(97, 15s));
}

TEST_CASE("A group whose coordinator does not respond is held for `hold` and then removed") {
  Story story(kHoldOneMinute);
  const auto metadata = cluster({{"orders"}});
  PollResult first = poll(0s, metadata);
  first.groups = groups(group("g", {}));
  story.then(std::move(first));
  for (const auto& [when, there] : {std::pair{15s, true}, {74s, true}, {75s, false}, {90s, false}}) {
    PollResult result = poll(when, metadata);
    result.failed_groups = {"g"};
    INFO(when.count());
    CHECK(ids(story.then(std::move(result))) == (there ? Ids{"g"} : Ids{}));
  }
}

TEST_CASE("Groups are sorted") {
  Story story;
  const auto metadata = cluster({{"orders"}});
  PollResult first = poll(0s, metadata);
  first.groups = groups(group("b", {}), group("d", {}), group("f", {}), group("h", {}));
  story.then(std::move(first));
  PollResult second = poll(15s, metadata);
  second.groups = groups(group("a", {}), group("d", {}), group("e", {}), group("i", {}));
  second.failed_groups = {"b", "h"};
  CHECK(ids(story.then(std::move(second))) == Ids{"a", "b", "d", "e", "h", "i"});
}

TEST_CASE("An unknown failed group is not added") {
  Story story;
  PollResult result = poll(0s, cluster({{"orders"}}));
  result.failed_groups = {"stranger"};
  CHECK(story.then(std::move(result)).groups.empty());
}

TEST_CASE("Members of a group that is listed but not described are held for `hold`") {
  Story story(kHoldOneMinute);
  const auto metadata = cluster({{"orders"}});
  PollResult first = poll(0s, metadata);
  first.groups = groups(group("g", {{{0, 0}, 90}}));
  story.then(std::move(first));
  for (const auto when : {15s, 74s}) {
    PollResult result = poll(when, metadata);
    result.groups = groups(listed_only("g"));
    result.groups[0].group.state = "PreparingRebalance";
    result.groups[0].offsets_read = true;
    result.groups[0].commits = {{{0, 0}, 95}};
    const auto& now = story.then(std::move(result)).groups.at(0);
    INFO(when.count());
    CHECK(now.failing_since == at(15s));
    CHECK(now.group.members == 1);
    CHECK(now.group.protocol == "range");
    CHECK(now.group.assigned == std::vector<model::PartitionRef>{{0, 0}});
    CHECK(now.group.state == "PreparingRebalance");  // from the list
    CHECK(now.partitions.at(0).lag == fresh(5));     // its offsets are not affected
  }
  for (const auto when : {75s, 90s}) {
    PollResult result = poll(when, metadata);
    result.groups = groups(listed_only("g"));
    const auto& now = story.then(std::move(result)).groups.at(0);
    INFO(when.count());
    CHECK_FALSE(now.held());
    CHECK(now.group.members == -1);
    CHECK(now.group.assigned.empty());
  }
}

TEST_CASE("A list without states (before Kafka 2.6) does not clear the state of a held group") {
  Story story(kHoldOneMinute);
  PollResult first = poll(0s, cluster({{"orders"}}));
  first.groups = groups(group("g", {}));
  story.then(std::move(first));
  PollResult second = poll(15s, cluster({{"orders"}}));
  second.groups = groups(listed_only("g"));
  second.groups[0].group.state.clear();
  CHECK(story.then(std::move(second)).groups.at(0).group.state == "Stable");
}

TEST_CASE("A group that is described again is fresh") {
  Story story;
  const auto metadata = cluster({{"orders"}});
  PollResult first = poll(0s, metadata);
  first.groups = groups(group("g", {}));
  story.then(std::move(first));
  PollResult second = poll(15s, metadata);
  second.groups = groups(listed_only("g"));
  story.then(std::move(second));
  PollResult third = poll(30s, metadata);
  third.groups = groups(group("g", {}));
  third.groups[0].group.members = 4;
  const auto& now = story.then(std::move(third)).groups.at(0);
  CHECK_FALSE(now.held());
  CHECK(now.group.members == 4);
}

TEST_CASE("A group's rows are held for the full time even if its members failed earlier") {
  Story story(kHoldOneMinute);
  const auto metadata = cluster({{"orders"}});
  PollResult first = poll(0s, metadata);
  first.groups = groups(group("g", {{{0, 0}, 90}}));
  story.then(std::move(first));
  PollResult second = poll(15s, metadata);  // no longer described, offsets still read
  second.groups = groups(listed_only("g"));
  second.groups[0].offsets_read = true;
  second.groups[0].commits = {{{0, 0}, 90}};
  story.then(std::move(second));
  PollResult third = poll(60s, metadata);  // now its coordinator does not respond
  third.failed_groups = {"g"};
  story.then(std::move(third));
  PollResult fourth = poll(80s, metadata);
  fourth.failed_groups = {"g"};
  const Snapshot& now = story.then(std::move(fourth));
  REQUIRE(ids(now) == Ids{"g"});
  CHECK(now.groups[0].partitions.at(0).lag == held(10, 60s));
}

TEST_CASE("show_all_offsets false: only assigned partitions") {
  model::Options options;
  options.show_all_offsets = false;
  Story story(options);
  PollResult result = poll(0s, cluster({{"orders", 3}}));
  auto g = group("g", {{{0, 0}, 1}, {{0, 1}, 2}, {{0, 2}, 3}});
  g.group.assigned = {{0, 1}};
  result.groups = groups(std::move(g));
  const auto& rows = story.then(std::move(result)).groups.at(0).partitions;
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].partition == model::PartitionRef{0, 1});
  CHECK(rows[0].committed == fresh(2));
}

TEST_CASE("show_all_offsets false: the assignment is held with the members") {
  model::Options options = kHoldOneMinute;
  options.show_all_offsets = false;
  Story story(options);
  const auto metadata = cluster({{"orders"}});
  PollResult first = poll(0s, metadata);
  first.groups = groups(group("g", {{{0, 0}, 90}}));
  story.then(std::move(first));
  PollResult second = poll(15s, metadata);
  second.groups = groups(listed_only("g"));
  second.groups[0].offsets_read = true;
  second.groups[0].commits = {{{0, 0}, 91}};
  CHECK(story.then(std::move(second)).groups.at(0).partitions.at(0).committed == fresh(91));
}

// ------------------------------------------------------------------------------------------ fresh and held never mix

TEST_CASE("Lag is not computed from a fresh commit and a held end offset, but held") {
  Story story(kHoldOneMinute);
  const auto metadata = cluster({{"orders"}});
  PollResult first = poll(0s, metadata);
  first.groups = groups(group("g", {{{0, 0}, 40}}));
  story.then(std::move(first));
  PollResult second = poll(15s, metadata);
  second.latest = {kFailedOffset};
  second.groups = groups(group("g", {{{0, 0}, 90}}));  // 10 behind the held end offset, which looks like catching up
  const auto row = story.then(std::move(second)).groups.at(0).partitions.at(0);
  CHECK(row.committed == fresh(90));
  CHECK(row.lag == held(60, 15s));
  PollResult third = poll(75s, metadata);
  third.latest = {kFailedOffset};
  third.groups = groups(group("g", {{{0, 0}, 95}}));
  CHECK(story.then(std::move(third)).groups.at(0).partitions.at(0).lag == kUnknown);
}

TEST_CASE("Lag is not computed from a held commit and a fresh end offset, but held") {
  Story story(kHoldOneMinute);
  const auto metadata = cluster({{"orders"}});
  PollResult first = poll(0s, metadata);
  first.groups = groups(group("g", {{{0, 0}, 40}}));
  story.then(std::move(first));
  PollResult second = poll(15s, metadata);
  second.latest = {1000};
  second.groups = groups(listed_only("g"));  // listed, but its offsets could not be read
  const auto row = story.then(std::move(second)).groups.at(0).partitions.at(0);
  CHECK(row.committed == held(40, 15s));
  CHECK(row.lag == held(60, 15s));
}

TEST_CASE("Offsets that cannot be read, and their sums, are unknown after `hold`, not 0") {
  Story story(kHoldOneMinute);
  const auto metadata = cluster({{"orders", 2}});
  PollResult first = poll(0s, metadata);
  first.groups = groups(group("g", {{{0, 0}, 40}, {{0, 1}, 50}}));
  story.then(std::move(first));
  for (const auto when : {15s, 75s, 90s}) {
    PollResult result = poll(when, metadata);
    result.groups = groups(listed_only("g"));
    story.then(std::move(result));
  }
  const auto& rows = story.now().groups.at(0).partitions;
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].committed == kUnknown);
  CHECK(rows[0].lag == kUnknown);
  const auto sums = sum_of_topic(rows);
  CHECK(sums.committed == kUnknown);
  CHECK(sums.lag == kUnknown);
  CHECK(max_lag(rows) == kUnknown);
}

// ------------------------------------------------------------------------------------------------------- the clocks

TEST_CASE("Timestamps follow the wall clock but not its small corrections") {
  Story story;
  const auto poll_at = [&](std::chrono::milliseconds when, std::chrono::milliseconds off) {
    PollResult result = poll(when, cluster({{"orders"}}));
    result.wall = model::WallTime{1'700'000'000s + when + off};
    return story.then(std::move(result)).unix_zero +
           std::chrono::duration<double>(at(when).time_since_epoch()).count() -
           std::chrono::duration<double>(when).count();
  };
  CHECK(poll_at(0s, 0ms) == 1'700'000'000);
  CHECK(poll_at(15s, 300ms) == 1'700'000'000);
  CHECK(poll_at(30s, -400ms) == 1'700'000'000);
  CHECK(poll_at(45s, 600ms) == 1'700'000'000.6);  // the clock was set
  CHECK(poll_at(60s, 300ms) == 1'700'000'000.6);
  CHECK(poll_at(75s, 3600s) == 1'700'003'600);
}

TEST_CASE("The wall clock is known before the first metadata") {
  Story story;
  PollResult result = silent_poll(0s, {});
  result.wall = model::WallTime{1'700'000'000s};
  const Snapshot& now = story.then(std::move(result));
  CHECK(now.unix_zero == 1'700'000'000 - 36000);
}

// --------------------------------------------------------------------------------- what outlives the metadata's hold

TEST_CASE("State by topic and partition survives an outage longer than the hold") {
  Story story(kHoldOneMinute);
  PollResult first = poll(0s, cluster({{"b"}, {"c"}}));
  first.latest = {100, 200};
  first.groups = groups(group("g", {{{1, 0}, 150}}));
  first.groups[0].group.membership = 7;
  story.then(std::move(first));
  for (auto when = 15s; when <= 900s; when += 15s) {
    const Snapshot& now = story.then(silent_poll(when, story.now()));
    INFO(when.count());
    REQUIRE(now.numbering != nullptr);
    REQUIRE((now.metadata == nullptr) == (when >= 75s));
    REQUIRE(now.latest == (when < 75s ? Values{held(100, 15s), held(200, 15s)} : Values{kUnknown, kUnknown}));
  }
  PollResult back = poll(915s, cluster({{"a"}, {"b"}, {"c"}}));  // c is new
  back.latest = {1, kFailedOffset, 210};
  back.groups = groups(group("g", {{{2, 0}, 160}}));
  back.groups[0].group.membership = 8;
  const Snapshot& now = story.then(std::move(back));
  CHECK(now.metadata != nullptr);
  CHECK_FALSE(now.metadata_held());
  CHECK(now.latest == Values{fresh(1), kUnknown, fresh(210)});  // values read 15 min ago are not held again
  REQUIRE(ids(now) == Ids{"g"});
  CHECK(now.groups[0].membership_changes == 1);
  CHECK(now.groups[0].partitions.at(0).lag == fresh(50));
}

TEST_CASE("a poll without metadata holds known values") {
  Story story(kHoldOneMinute);
  PollResult first = poll(0s, cluster({{"orders"}}));
  first.groups = groups(group("g", {{{0, 0}, 90}}));
  first.groups[0].group.membership = 7;
  story.then(std::move(first));
  for (auto when = 15s; when <= 90s; when += 15s) {
    PollResult result = silent_poll(when, story.now());
    result.metadata = nullptr;
    const Snapshot& now = story.then(std::move(result));
    INFO(when.count());
    REQUIRE_FALSE(now.up);
    REQUIRE(now.numbering != nullptr);
    REQUIRE(now.metadata_held() == (when < 75s));
    REQUIRE(now.latest == (when < 75s ? Values{held(100, 15s)} : Values{kUnknown}));
    REQUIRE(ids(now) == (when < 75s ? Ids{"g"} : Ids{}));
  }
  PollResult back = poll(105s, cluster({{"orders"}}));
  back.groups = groups(group("g", {{{0, 0}, 100}}));
  back.groups[0].group.membership = 8;
  CHECK(story.then(std::move(back)).groups.at(0).membership_changes == 1);
}

TEST_CASE("Topics deleted during an outage are removed when the cluster is back") {
  Story story(kHoldOneMinute);
  PollResult first = poll(0s, cluster({{"a"}, {"b"}}));
  first.groups = groups(group("g", {{{0, 0}, 90}, {{1, 0}, 95}}));
  story.then(std::move(first));
  const auto back = GENERATE(30s, 900s);
  for (auto when = 15s; when < back; when += 15s) story.then(silent_poll(when, story.now()));
  PollResult second = poll(back, cluster({{"b"}}));
  second.failed_groups = {"g"};
  const auto& rows = story.then(std::move(second)).groups.at(0).partitions;
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].partition == model::PartitionRef{0, 0});
  CHECK(rows[0].committed == (back == 30s ? held(95, 15s) : kUnknown));
}

// -------------------------------------------------------------------------------------------- what is kept of others

TEST_CASE("Offset history is kept only for partitions that a group reads") {
  Story story;
  const auto metadata = cluster({{"orders", 3}});
  const auto has = [&] {
    std::vector<bool> has;
    for (const auto& ends : story.now().offset_history) has.push_back(!ends.points.empty());
    return has;
  };
  using Has = std::vector<bool>;
  story.then(poll(0s, metadata));
  CHECK(has() == Has{false, false, false});
  PollResult one = poll(15s, metadata);
  one.groups = groups(group("g", {{{0, 1}, 90}}));
  story.then(std::move(one));
  CHECK(has() == Has{false, true, false});
  PollResult silent = poll(30s, metadata);  // a group without a response may still be reading
  silent.failed_groups = {"g"};
  story.then(std::move(silent));
  CHECK(has() == Has{false, true, false});
  PollResult other = poll(45s, metadata);
  other.groups = groups(group("g", {{{0, 2}, 90}}));
  story.then(std::move(other));
  PollResult same = poll(60s, metadata);
  same.groups = groups(group("g", {{{0, 2}, 90}}));
  story.then(std::move(same));
  CHECK(has() == Has{false, false, true});
  story.then(poll(75s, metadata));  // deleted
  story.then(poll(90s, metadata));
  CHECK(has() == Has{false, false, false});
}

TEST_CASE("An end offset that could not be read is not recorded as unchanged") {
  Story story(kHoldOneMinute);
  const auto poll_of = [](std::chrono::milliseconds when, int64_t end) {
    PollResult result = poll(when, cluster({{"orders"}}));
    result.latest = {end};
    result.groups = groups(group("g", {{{0, 0}, 100}}));
    return result;
  };
  story.then(poll_of(0s, 100));
  const auto points = story.now().offset_history.at(0).points;
  story.then(poll_of(15s, kFailedOffset));
  CHECK(story.now().offset_history.at(0).points == points);
  story.then(poll_of(30s, 110));
  CHECK(story.now().offset_history.at(0).points.back().time == model::to_tick(at(30s)));
}

TEST_CASE("Offset history follows its partition") {
  Story story;
  PollResult first = poll(0s, cluster({{"b"}, {"c"}}));
  first.latest = {10, 20};
  first.groups = groups(group("g", {{{0, 0}, 1}, {{1, 0}, 2}}));
  story.then(std::move(first));
  PollResult second = poll(15s, cluster({{"a", 2}, {"c"}}));
  second.latest = {1, 2, 30};
  second.groups = groups(group("g", {{{1, 0}, 2}}));
  const auto& ends = story.then(std::move(second)).offset_history;
  REQUIRE(ends.size() == 3);
  CHECK(ends[0].points.empty());
  CHECK(ends[1].points.empty());
  REQUIRE(ends[2].points.size() == 2);
  CHECK(ends[2].points[0].time == model::to_tick(at(0s)));
  CHECK(ends[2].base == 20);
}

TEST_CASE("Eligible replicas are those of the last metadata") {
  using Eligible = std::map<uint32_t, std::vector<int32_t>>;
  Story story;
  PollResult first = poll(0s, cluster({{"orders", 2}}));
  first.eligible = {{1, {2, 3}}};
  first.eligible_unknown = {0};
  story.then(std::move(first));
  for (auto when = 15s; when < 300s; when += 15s) {
    const Snapshot& now = story.then(silent_poll(when, story.now()));
    REQUIRE(now.eligible == Eligible{{1, {2, 3}}});
    REQUIRE(now.eligible_unknown == std::vector<uint32_t>{0});
  }
  const Snapshot& now = story.then(poll(300s, cluster({{"orders", 2}})));
  CHECK(now.eligible.empty());
  CHECK(now.eligible_unknown.empty());
}

TEST_CASE("Quorum and reassignments are held if they cannot be read or the cluster is down, then absent") {
  const bool down = GENERATE(false, true);
  INFO((down ? "down" : "the controller is silent"));
  Story story(kHoldOneMinute);
  const auto metadata = cluster({{"orders"}});
  PollResult first = poll(0s, metadata);
  first.controller = 3;
  first.quorum_state = first.reassignments_state = model::ReadState::kOk;
  first.quorum = {3, 7, 1000, {}};
  first.reassigning = {{0, 0}};
  const Snapshot& read = story.then(std::move(first));
  REQUIRE(read.quorum);
  CHECK_FALSE(read.quorum.held());
  CHECK(read.controller == 3);
  for (const auto when : {15s, 74s, 75s, 90s}) {
    INFO(when.count());
    PollResult result = down ? silent_poll(when, story.now()) : poll(when, metadata);
    if (!down) result.quorum_state = result.reassignments_state = model::ReadState::kFailed;
    const Snapshot& now = story.then(std::move(result));
    CHECK(now.controller == std::nullopt);  // never held
    REQUIRE(now.quorum.held() == (when < 75s));
    REQUIRE(now.reassigning.held() == (when < 75s));
    if (when < 75s) {
      CHECK(now.quorum.failing_since == at(15s));
      CHECK(now.quorum->leader_epoch == 7);
      CHECK(now.reassigning->size() == 1);
    } else {
      CHECK_FALSE(now.quorum);
      CHECK_FALSE(now.reassigning);
    }
  }
}

TEST_CASE("Reassignments follow their topic and are removed with it") {
  using Refs = std::vector<model::PartitionRef>;
  Story story;
  PollResult first = poll(0s, cluster({{"b"}, {"c", 2}}));
  first.reassignments_state = model::ReadState::kOk;
  first.reassigning = {{0, 0}, {1, 1}};
  story.then(std::move(first));
  PollResult second = poll(15s, cluster({{"a"}, {"c", 2}}));
  second.reassignments_state = model::ReadState::kFailed;
  const Snapshot& now = story.then(std::move(second));
  REQUIRE(now.reassigning);
  CHECK(*now.reassigning.value == Refs{{1, 1}});
}

TEST_CASE("Cached responses: read, failed, not requested") {
  const Holding holding{at(100s), 60s};
  const model::Cached<int> none, last{1, {}}, since_50{1, at(50s)}, since_40{1, at(40s)};
  struct Row {
    const char* what;
    model::Cached<int> last;
    model::ReadState asked;
    std::optional<int> value;
    model::Time since;
  };
  const Row row = GENERATE_COPY(values<Row>({
      {"read", last, model::ReadState::kOk, 2, {}},
      {"read for the first time", none, model::ReadState::kOk, 2, {}},
      {"read again", since_50, model::ReadState::kOk, 2, {}},
      {"not due", last, model::ReadState::kNotRequested, 1, {}},
      {"not due, never read", none, model::ReadState::kNotRequested, {}, {}},
      {"not due, and it failed before", since_50, model::ReadState::kNotRequested, 1, at(50s)},
      {"not due, and it failed too long ago", since_40, model::ReadState::kNotRequested, {}, {}},
      {"unread", last, model::ReadState::kFailed, 1, at(100s)},
      {"unread, never read", none, model::ReadState::kFailed, {}, {}},
      {"unread again", since_50, model::ReadState::kFailed, 1, at(50s)},
      {"unread for too long", since_40, model::ReadState::kFailed, {}, {}},
  }));
  INFO(row.what);
  model::Cached<int> kept = row.last;
  holding.update(kept, row.asked, 2);
  CHECK(kept.value == row.value);
  CHECK(kept.failing_since == row.since);
}
