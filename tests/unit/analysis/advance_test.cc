#include "analysis/advance.h"

#include <catch2/catch_test_macros.hpp>

#include "analysis/facts.h"
#include "analysis/lag.h"

using namespace kafkascope::analysis;
namespace model = kafkascope::model;
using model::kUnaskedOffset;
using model::kUnreadOffset;

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

TEST_CASE("Before anything is known, a poll that fails leaves an empty snapshot that is down") {
  Story story;
  const Snapshot& now = story.then(silent_poll(0s, {}));
  CHECK_FALSE(now.up);
  CHECK(now.at == at(0s));
  CHECK(now.metadata == nullptr);
  CHECK(now.latest.empty());
  CHECK(now.groups.empty());
  CHECK(now.brokers.empty());
}

TEST_CASE("What a poll reads is fresh") {
  Story story;
  Facts facts = poll(0s, cluster({{"orders", 2}}));
  facts.latest = {100, 200};
  facts.earliest = {0, 50};
  facts.groups = groups(group("g", {{{0, 0}, 90}, {{0, 1}, 200}}));
  const Snapshot& now = story.then(std::move(facts));
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

TEST_CASE(
    "A silent cluster: all is held from the first failed poll on, for `hold`, then absent; kafka_up is never held") {
  Story story(kHoldOneMinute);
  Facts facts = poll(0s, cluster({{"orders"}}));
  facts.groups = groups(group("g", {{{0, 0}, 90}}));
  story.then(std::move(facts));

  for (const auto when : {15s, 45s, 74s}) {  // the first failed read is that at 15 s: held until 75 s
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

TEST_CASE("A cluster that answers again is fresh at once, within `hold` or after it") {
  const auto metadata = cluster({{"orders"}});
  for (const auto back : {30s, 600s}) {
    INFO(back.count());
    Story story(kHoldOneMinute);
    story.then(poll(0s, metadata));
    story.then(silent_poll(15s, story.now()));
    story.then(silent_poll(back - 1s, story.now()));
    Facts facts = poll(back, cluster({{"orders"}}));
    facts.latest = {300};
    facts.groups = groups(group("g", {{{0, 0}, 300}}));
    const Snapshot& now = story.then(std::move(facts));
    CHECK(now.up);
    CHECK_FALSE(now.metadata_held());
    CHECK(now.metadata_failing_since == model::Time{});
    CHECK(now.latest == Values{fresh(300)});
    CHECK(now.groups.at(0).partitions.at(0).lag == fresh(0));
  }
}

TEST_CASE("A second failure is held for as long as the first: the count begins anew") {
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
  Facts facts = poll(0s, cluster({{"orders", 2}}));
  story.then(std::move(facts));
  Facts half = poll(15s, cluster({{"orders", 2}}));
  half.latest = {100, kUnreadOffset};
  CHECK(story.then(std::move(half)).latest == Values{fresh(100), kUnknown});
  CHECK(story.then(silent_poll(30s, story.now())).metadata == nullptr);
}

TEST_CASE("Counters of raw requests add up over polls, also those of polls that fail") {
  Story story;
  Facts first = poll(0s, cluster({{"orders"}}));
  first.requests = {{"Metadata", 1}, {"ListOffsets", 3}};
  story.then(std::move(first));
  Facts second = silent_poll(15s, story.now());
  second.requests = {{"Metadata", 2}};
  CHECK(story.then(std::move(second)).requests == std::map<std::string, uint64_t>{{"Metadata", 3}, {"ListOffsets", 3}});
}

// -------------------------------------------------------------------------------------------------------- brokers

TEST_CASE("A broker is up when it answered in this poll, and known when it is listed or holds a replica") {
  Story story;
  Facts facts = poll(0s, cluster({{"orders", 1, 'a', {1, 2, 9}}}, 2));
  facts.answered = {1};
  const Snapshot& now = story.then(std::move(facts));
  REQUIRE(now.brokers.size() == 3);
  CHECK(now.brokers.at(1).up);
  CHECK_FALSE(now.brokers.at(2).up);  // listed, silent
  CHECK_FALSE(now.brokers.at(9).up);  // a replica's broker only
}

TEST_CASE("A broker that nobody mentions any more is down for an hour and then forgotten") {
  Story story;
  story.then(poll(0s, cluster({{"orders"}}, 2)));
  const auto without = cluster({{"orders"}}, 1);
  CHECK(story.then(poll(15s, without)).brokers.contains(2));
  CHECK_FALSE(story.now().brokers.at(2).up);
  CHECK(story.then(poll(60min, without)).brokers.contains(2));
  CHECK_FALSE(story.then(poll(60min + 1s, without)).brokers.contains(2));
  CHECK(story.now().brokers.at(1).up);
}

TEST_CASE("A broker that answers while the metadata fails is up") {
  Story story;
  story.then(poll(0s, cluster({{"orders"}}, 2)));
  Facts facts = silent_poll(15s, story.now());
  facts.answered = {2, 7};
  const Snapshot& now = story.then(std::move(facts));
  CHECK_FALSE(now.brokers.at(1).up);
  CHECK(now.brokers.at(2).up);
  CHECK_FALSE(now.brokers.contains(7));  // it answered, but the metadata does not know it
}

// --------------------------------------------------------------------------------------------- offsets of partitions

TEST_CASE("An end offset that could not be read is held on its own; the others are fresh") {
  Story story(kHoldOneMinute);
  const auto metadata = cluster({{"orders", 2}});
  story.then(poll(0s, metadata));
  for (const auto when : {15s, 74s}) {
    Facts facts = poll(when, metadata);
    facts.latest = {kUnreadOffset, 500};
    CHECK(story.then(std::move(facts)).latest == Values{held(100, 15s), fresh(500)});
  }
  Facts facts = poll(75s, metadata);
  facts.latest = {kUnreadOffset, 500};
  CHECK(story.then(std::move(facts)).latest == Values{kUnknown, fresh(500)});
}

TEST_CASE("An offset that was never read is unknown, not held, and never 0") {
  Story story;
  Facts facts = poll(0s, cluster({{"orders"}}));
  facts.latest = {kUnreadOffset};
  facts.earliest = {kUnreadOffset};
  const Snapshot& now = story.then(std::move(facts));
  CHECK(now.latest == Values{kUnknown});
  CHECK(now.earliest == Values{kUnknown});
}

TEST_CASE("A start offset that is not due keeps its value, fresh, for as long as it is not asked for") {
  Story story(kHoldOneMinute);
  const auto metadata = cluster({{"orders"}});
  Facts first = poll(0s, metadata);
  first.earliest = {7};
  story.then(std::move(first));
  for (const auto when : {15s, 200s}) {
    Facts facts = poll(when, metadata);
    facts.earliest = {kUnaskedOffset};
    CHECK(story.then(std::move(facts)).earliest == Values{fresh(7)});
  }
}

TEST_CASE("A collector that ran to nothing leaves no offsets, and the last ones are held") {
  Story story(kHoldOneMinute);
  story.then(poll(0s, cluster({{"orders"}})));
  Facts facts = poll(15s, cluster({{"orders"}}));
  facts.latest.clear();
  facts.earliest.clear();
  const Snapshot& now = story.then(std::move(facts));
  CHECK(now.latest == Values{held(100, 15s)});
  CHECK(now.earliest == Values{held(0, 15s)});
}

// ------------------------------------------------------------------------------------- topics that come, go and grow

TEST_CASE("Values follow their topic when others come before it or go") {
  Story story;
  Facts first = poll(0s, cluster({{"b"}, {"c", 2}}));
  first.latest = {10, 20, 30};
  first.groups = groups(group("g", {{{0, 0}, 5}, {{1, 1}, 15}}));
  story.then(std::move(first));

  Facts second = poll(15s, cluster({{"a", 3}, {"c", 2}}));  // a is new, b is gone
  second.latest.assign(5, kUnreadOffset);
  second.groups = groups(listed_only("g"));
  const Snapshot& now = story.then(std::move(second));
  CHECK(now.latest == Values{kUnknown, kUnknown, kUnknown, held(20, 15s), held(30, 15s)});
  REQUIRE(now.groups.size() == 1);
  REQUIRE(now.groups[0].partitions.size() == 1);  // what was committed on b went with it
  CHECK(now.groups[0].partitions[0].partition == model::PartitionRef{1, 1});
  CHECK(now.groups[0].partitions[0].committed == held(15, 15s));
  CHECK(now.groups[0].group.assigned == std::vector<model::PartitionRef>{{1, 1}});
}

TEST_CASE("Nothing of a deleted topic is held for one of the same name that was made since") {
  Story story;
  Facts first = poll(0s, cluster({{"orders", 1, 'a'}}));
  first.groups = groups(group("g", {{{0, 0}, 90}}));
  story.then(std::move(first));
  Facts second = poll(15s, cluster({{"orders", 1, 'b'}}));
  second.latest = {kUnreadOffset};
  second.earliest = {kUnreadOffset};
  second.groups = groups(listed_only("g"));
  const Snapshot& now = story.then(std::move(second));
  CHECK(now.latest == Values{kUnknown});
  CHECK(now.earliest == Values{kUnknown});
  CHECK(now.groups.at(0).partitions.empty());
}

TEST_CASE("A topic keeps its values when its broker begins or ceases to tell topic ids, as in an upgrade") {
  for (const auto& [before, after] : {std::pair<char, char>{'\0', 'a'}, {'a', '\0'}}) {
    Story story;
    story.then(poll(0s, cluster({{"orders", 1, before}})));
    Facts second = poll(15s, cluster({{"orders", 1, after}}));
    second.latest = {kUnreadOffset};
    CHECK(story.then(std::move(second)).latest == Values{held(100, 15s)});
  }
}

TEST_CASE("A topic that grows keeps the values of the partitions it had") {
  Story story;
  story.then(poll(0s, cluster({{"orders", 1}, {"zebra", 1}})));
  Facts second = poll(15s, cluster({{"orders", 3}, {"zebra", 1}}));
  second.latest = {kUnreadOffset, kUnreadOffset, 8, kUnreadOffset};
  CHECK(story.then(std::move(second)).latest == Values{held(100, 15s), kUnknown, fresh(8), held(100, 15s)});
}

TEST_CASE("A start offset of a new partition that was not asked for is unknown, not another partition's") {
  Story story;
  Facts first = poll(0s, cluster({{"b"}}));
  first.earliest = {7};
  story.then(std::move(first));
  Facts second = poll(15s, cluster({{"a"}, {"b"}}));
  second.earliest = {kUnaskedOffset, kUnaskedOffset};
  CHECK(story.then(std::move(second)).earliest == Values{kUnknown, fresh(7)});
}

// ---------------------------------------------------------------------------------------------------------- groups

TEST_CASE("A group that is no longer listed is gone at once; one whose coordinator was silent is held") {
  Story story(kHoldOneMinute);
  const auto metadata = cluster({{"orders"}});
  Facts first = poll(0s, metadata);
  first.groups =
      groups(group("deleted", {{{0, 0}, 1}}), group("here", {{{0, 0}, 2}}), group("unreachable", {{{0, 0}, 3}}));
  story.then(std::move(first));

  Facts second = poll(15s, metadata);
  second.groups = groups(group("here", {{{0, 0}, 2}}), group("new", {}));
  second.unread_groups = {"unreachable"};
  const Snapshot& now = story.then(std::move(second));
  REQUIRE(ids(now) == Ids{"here", "new", "unreachable"});
  CHECK_FALSE(now.groups[0].held());
  CHECK(now.groups[2].failing_since == at(15s));
  CHECK(now.groups[2].group.members == 1);
  CHECK(now.groups[2].group.state == "Stable");
  CHECK(now.groups[2].partitions[0].committed == held(3, 15s));
  CHECK(now.groups[2].partitions[0].lag == held(97, 15s));
}

TEST_CASE("A group whose coordinator stays silent is held for `hold` and then gone") {
  Story story(kHoldOneMinute);
  const auto metadata = cluster({{"orders"}});
  Facts first = poll(0s, metadata);
  first.groups = groups(group("g", {}));
  story.then(std::move(first));
  for (const auto& [when, there] : {std::pair{15s, true}, {74s, true}, {75s, false}, {90s, false}}) {
    Facts facts = poll(when, metadata);
    facts.unread_groups = {"g"};
    INFO(when.count());
    CHECK(ids(story.then(std::move(facts))) == (there ? Ids{"g"} : Ids{}));
  }
}

TEST_CASE("Groups stay sorted whatever is new, held, deleted or there") {
  Story story;
  const auto metadata = cluster({{"orders"}});
  Facts first = poll(0s, metadata);
  first.groups = groups(group("b", {}), group("d", {}), group("f", {}), group("h", {}));
  story.then(std::move(first));
  Facts second = poll(15s, metadata);
  second.groups = groups(group("a", {}), group("d", {}), group("e", {}), group("i", {}));
  second.unread_groups = {"b", "h"};
  CHECK(ids(story.then(std::move(second))) == Ids{"a", "b", "d", "e", "h", "i"});
}

TEST_CASE("A group that is told as unread but was never known is not invented") {
  Story story;
  Facts facts = poll(0s, cluster({{"orders"}}));
  facts.unread_groups = {"stranger"};
  CHECK(story.then(std::move(facts)).groups.empty());
}

TEST_CASE("A group that is listed but cannot be described keeps its members for `hold` only") {
  Story story(kHoldOneMinute);
  const auto metadata = cluster({{"orders"}});
  Facts first = poll(0s, metadata);
  first.groups = groups(group("g", {{{0, 0}, 90}}));
  story.then(std::move(first));
  for (const auto when : {15s, 74s}) {
    Facts facts = poll(when, metadata);
    facts.groups = groups(listed_only("g"));
    facts.groups[0].group.state = "PreparingRebalance";
    facts.groups[0].offsets_read = true;
    facts.groups[0].commits = {{{0, 0}, 95}};
    const auto& now = story.then(std::move(facts)).groups.at(0);
    INFO(when.count());
    CHECK(now.failing_since == at(15s));
    CHECK(now.group.members == 1);
    CHECK(now.group.protocol == "range");
    CHECK(now.group.assigned == std::vector<model::PartitionRef>{{0, 0}});
    CHECK(now.group.state == "PreparingRebalance");  // the list told
    CHECK(now.partitions.at(0).lag == fresh(5));     // its offsets have nothing to do with it
  }
  for (const auto when : {75s, 90s}) {
    Facts facts = poll(when, metadata);
    facts.groups = groups(listed_only("g"));
    const auto& now = story.then(std::move(facts)).groups.at(0);
    INFO(when.count());
    CHECK_FALSE(now.held());
    CHECK(now.group.members == -1);
    CHECK(now.group.assigned.empty());
  }
}

TEST_CASE("A list that does not tell states, as before Kafka 2.6, does not take the state of a group that is held") {
  Story story(kHoldOneMinute);
  Facts first = poll(0s, cluster({{"orders"}}));
  first.groups = groups(group("g", {}));
  story.then(std::move(first));
  Facts second = poll(15s, cluster({{"orders"}}));
  second.groups = groups(listed_only("g"));
  second.groups[0].group.state.clear();
  CHECK(story.then(std::move(second)).groups.at(0).group.state == "Stable");
}

TEST_CASE("Described again, a group is fresh") {
  Story story;
  const auto metadata = cluster({{"orders"}});
  Facts first = poll(0s, metadata);
  first.groups = groups(group("g", {}));
  story.then(std::move(first));
  Facts second = poll(15s, metadata);
  second.groups = groups(listed_only("g"));
  story.then(std::move(second));
  Facts third = poll(30s, metadata);
  third.groups = groups(group("g", {}));
  third.groups[0].group.members = 4;
  const auto& now = story.then(std::move(third)).groups.at(0);
  CHECK_FALSE(now.held());
  CHECK(now.group.members == 4);
}

TEST_CASE("A group's rows are not cut short because its members failed earlier") {
  Story story(kHoldOneMinute);
  const auto metadata = cluster({{"orders"}});
  Facts first = poll(0s, metadata);
  first.groups = groups(group("g", {{{0, 0}, 90}}));
  story.then(std::move(first));
  Facts second = poll(15s, metadata);  // described no more; its offsets still are
  second.groups = groups(listed_only("g"));
  second.groups[0].offsets_read = true;
  second.groups[0].commits = {{{0, 0}, 90}};
  story.then(std::move(second));
  Facts third = poll(60s, metadata);  // and now its coordinator is silent
  third.unread_groups = {"g"};
  story.then(std::move(third));
  Facts fourth = poll(80s, metadata);
  fourth.unread_groups = {"g"};
  const Snapshot& now = story.then(std::move(fourth));
  REQUIRE(ids(now) == Ids{"g"});
  CHECK(now.groups[0].partitions.at(0).lag == held(10, 60s));
}

TEST_CASE("show_all_offsets false: only partitions that a member is assigned to now") {
  model::Options options;
  options.show_all_offsets = false;
  Story story(options);
  Facts facts = poll(0s, cluster({{"orders", 3}}));
  auto g = group("g", {{{0, 0}, 1}, {{0, 1}, 2}, {{0, 2}, 3}});
  g.group.assigned = {{0, 1}};
  facts.groups = groups(std::move(g));
  const auto& rows = story.then(std::move(facts)).groups.at(0).partitions;
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].partition == model::PartitionRef{0, 1});
  CHECK(rows[0].committed == fresh(2));
}

TEST_CASE("show_all_offsets false: what is assigned is held with the members") {
  model::Options options = kHoldOneMinute;
  options.show_all_offsets = false;
  Story story(options);
  const auto metadata = cluster({{"orders"}});
  Facts first = poll(0s, metadata);
  first.groups = groups(group("g", {{{0, 0}, 90}}));
  story.then(std::move(first));
  Facts second = poll(15s, metadata);
  second.groups = groups(listed_only("g"));
  second.groups[0].offsets_read = true;
  second.groups[0].commits = {{{0, 0}, 91}};
  CHECK(story.then(std::move(second)).groups.at(0).partitions.at(0).committed == fresh(91));
}

// ------------------------------------------------------------------------------------------ fresh and held never mix

TEST_CASE("A fresh commit is not compared with a held end: the lag is held as it was computed") {
  Story story(kHoldOneMinute);
  const auto metadata = cluster({{"orders"}});
  Facts first = poll(0s, metadata);
  first.groups = groups(group("g", {{{0, 0}, 40}}));
  story.then(std::move(first));
  Facts second = poll(15s, metadata);
  second.latest = {kUnreadOffset};
  second.groups = groups(group("g", {{{0, 0}, 90}}));  // 10 behind the held end, which looks like catching up
  const auto row = story.then(std::move(second)).groups.at(0).partitions.at(0);
  CHECK(row.committed == fresh(90));
  CHECK(row.lag == held(60, 15s));
  Facts third = poll(75s, metadata);
  third.latest = {kUnreadOffset};
  third.groups = groups(group("g", {{{0, 0}, 95}}));
  CHECK(story.then(std::move(third)).groups.at(0).partitions.at(0).lag == kUnknown);
}

TEST_CASE("A held commit is not compared with a fresh end: the lag is held as it was computed") {
  Story story(kHoldOneMinute);
  const auto metadata = cluster({{"orders"}});
  Facts first = poll(0s, metadata);
  first.groups = groups(group("g", {{{0, 0}, 40}}));
  story.then(std::move(first));
  Facts second = poll(15s, metadata);
  second.latest = {1000};
  second.groups = groups(listed_only("g"));  // listed, but its offsets could not be read
  const auto row = story.then(std::move(second)).groups.at(0).partitions.at(0);
  CHECK(row.committed == held(40, 15s));
  CHECK(row.lag == held(60, 15s));
}

TEST_CASE("Offsets of a group that stay unread are unknown after `hold`, and so are its sums, not 0") {
  Story story(kHoldOneMinute);
  const auto metadata = cluster({{"orders", 2}});
  Facts first = poll(0s, metadata);
  first.groups = groups(group("g", {{{0, 0}, 40}, {{0, 1}, 50}}));
  story.then(std::move(first));
  for (const auto when : {15s, 75s, 90s}) {
    Facts facts = poll(when, metadata);
    facts.groups = groups(listed_only("g"));
    story.then(std::move(facts));
  }
  const auto& rows = story.now().groups.at(0).partitions;
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].committed == kUnknown);
  CHECK(rows[0].lag == kUnknown);
  const auto sums = sum_by_topic(rows);
  REQUIRE(sums.size() == 1);
  CHECK(sums[0].committed == kUnknown);
  CHECK(sums[0].lag == kUnknown);
  CHECK(max_lag(rows) == kUnknown);
}
