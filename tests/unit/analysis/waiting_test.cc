#include "analysis/waiting.h"

#include <algorithm>
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <cmath>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <stdexcept>

#include "analysis/facts.h"
#include "analysis/progress.h"

using namespace kafkascope::analysis;
namespace model = kafkascope::model;
using Catch::Approx;
using model::Asked;
using model::kUnreadOffset;
using model::OldRecord;

namespace {

constexpr float kNotKnown = model::GroupPartition::kUnknown;

/// One partition and the groups that read it.
struct Found {
  int64_t end;
  std::vector<int64_t> commits;  ///< Of the groups g0, g1, ...
  int64_t earliest = 0;
};

Facts poll_of(std::chrono::milliseconds when, const Found& found) {
  Facts facts = poll(when, cluster({{"orders"}}));
  facts.latest = {found.end};
  facts.earliest = {found.earliest};
  for (size_t g = 0; g < found.commits.size(); ++g)
    facts.groups.push_back(group("g" + std::to_string(g), {{{0, 0}, found.commits[g]}}));
  return facts;
}

model::SlowFacts learnt(std::chrono::milliseconds when,
                        std::vector<std::pair<OldRecord, std::optional<model::Time>>> appended) {
  model::SlowFacts facts;
  facts.at = at(when);
  facts.appended = std::move(appended);
  return facts;
}

model::SlowFacts settings(model::TopicSettings topic) {
  model::SlowFacts facts;
  facts.at = at(0s);
  facts.settings_asked = {Asked::kRead};
  facts.settings = {std::move(topic)};
  return facts;
}

const model::GroupPartition& row_of(const Snapshot& snapshot, size_t group = 0) {
  return snapshot.groups.at(group).partitions.at(0);
}

float waiting(const Snapshot& snapshot, size_t group = 0) { return row_of(snapshot, group).waiting_seconds; }

/// Sorted.
std::vector<OldRecord> wanted(const Snapshot& snapshot, size_t most = 100) {
  std::vector<OldRecord> records;
  for (const auto& age : wanted_ages(snapshot, {}, most)) records.push_back(age.record);
  std::sort(records.begin(), records.end());
  return records;
}
using Records = std::vector<OldRecord>;

std::optional<model::Status> status(const Snapshot& snapshot) {
  return judge(row_of(snapshot).progress, true, {5min, 30s});
}

}  // namespace

// ------------------------------------------------------------------------------------------------------ waiting time

TEST_CASE("Who is caught up, or beyond the end, waits for nothing") {
  const int64_t committed = GENERATE(100, 101, 5000);
  Story story;
  for (auto when = 0s; when <= 600s; when += 15s) {
    const auto& now = story.then(poll_of(when, {100, {committed}}));
    REQUIRE(waiting(now) == 0);
    REQUIRE(row_of(now).lag == fresh(0));
    REQUIRE(wanted(now).empty());
  }
}

TEST_CASE("An idle topic does not look late, however long it was idle before a record came") {
  Story story;
  for (auto when = 0s; when <= 7200s; when += 15s) story.then(poll_of(when, {100, {100}}));
  const auto& now = story.then(poll_of(7215s, {101, {100}}));
  CHECK(waiting(now) >= 0);
  CHECK(waiting(now) <= 15);
}

TEST_CASE("A record that is not read waits longer with each poll, though nothing more is produced") {
  Story story;
  story.then(poll_of(0s, {100, {100}}));
  float last = 0;
  for (auto when = 15s; when <= 3600s; when += 15s) {
    const auto& now = story.then(poll_of(when, {101, {100}}));
    if (when > 15s) REQUIRE(waiting(now) - last == Approx(15));
    last = waiting(now);
    REQUIRE(wanted(now).empty());  // it was seen to come
  }
  CHECK(last >= 3585);
  CHECK(last <= 3600);
}

TEST_CASE("A consumer that follows is late by what it is behind in time") {
  Story story;
  for (int i = 0; i < 40; ++i) {
    const auto& now = story.then(poll_of(i * 15s, {1000 + i * 150, {std::min(1000 + i * 150, 700 + i * 150)}}));
    if (i < 3) continue;  // it was behind already when we came
    REQUIRE(waiting(now) >= 15);
    REQUIRE(waiting(now) <= 45);
  }
}

TEST_CASE("What lay there before we came has no age until it was asked for, and one from then on") {
  Story story;
  const auto& first = story.then(poll_of(0s, {100, {40}}));
  CHECK(waiting(first) == kNotKnown);
  CHECK(wanted(first) == Records{{0, 40}});
  CHECK(waiting(story.learn(learnt(1s, {{{0, 40}, at(-3600s)}}))) == Approx(3600));
  CHECK(wanted(story.now()).empty());
  for (auto when = 15s; when <= 600s; when += 15s) {
    const auto& now = story.then(poll_of(when, {100, {40}}));
    REQUIRE(waiting(now) == Approx(3600 + when.count()));
    REQUIRE(wanted(now).empty());
  }
}

TEST_CASE("A record of which the time index cannot tell has been waiting since we first saw it") {
  Story story;
  story.then(poll_of(0s, {100, {40}}));
  CHECK(waiting(story.learn(learnt(1s, {{{0, 40}, std::nullopt}}))) == 0);
  for (auto when = 15s; when <= 600s; when += 15s) {
    const auto& now = story.then(poll_of(when, {100, {40}}));
    REQUIRE(waiting(now) == Approx(when.count()));
    REQUIRE(wanted(now).empty());
  }
}

TEST_CASE("A record whose producer's clock is ahead is not younger than nothing") {
  Story story;
  story.then(poll_of(0s, {100, {40}}));
  CHECK(waiting(story.learn(learnt(1s, {{{0, 40}, at(9h)}}))) == 0);
  CHECK(waiting(story.then(poll_of(15s, {100, {40}}))) == Approx(15));
}

TEST_CASE("Beyond what was learnt, an age is not guessed at first, and moves on by what is likely when it was known") {
  Story story;
  story.then(poll_of(0s, {1000, {0, 500}}));
  const auto& first = story.learn(learnt(1s, {{{0, 0}, at(-10000s)}}));  // there was no time for that of g1
  CHECK(waiting(first, 0) == Approx(10000));
  CHECK(waiting(first, 1) == kNotKnown);
  const auto& second = story.then(poll_of(15s, {1000, {0, 500}}));
  CHECK(waiting(second, 0) == Approx(10015));
  CHECK(waiting(second, 1) == kNotKnown);
  CHECK(wanted(second) == Records{{0, 500}});
  CHECK(waiting(story.learn(learnt(16s, {{{0, 500}, at(-100s)}})), 1) == Approx(115));

  // From there on it is asked for again, and meanwhile what is likely is near.
  const auto& third = story.then(poll_of(30s, {1000, {0, 501}}));
  CHECK(waiting(third, 1) > 100);
  CHECK(waiting(third, 1) <= 130);
  CHECK(wanted(third) == Records{{0, 501}});
  CHECK(waiting(story.learn(learnt(31s, {})), 1) == waiting(third, 1));
}

TEST_CASE("A group that commits on between old records is never without an age, and its age does not rise") {
  Story story;
  story.then(poll_of(0s, {100000, {0}}));
  story.learn(learnt(1s, {{{0, 0}, at(-100000s)}}));
  for (int i = 1; i < 100; ++i) {
    const float before = waiting(story.now());
    const auto& now = story.then(poll_of(i * 15s, {100000, {i * 1000}}));
    REQUIRE(waiting(now) > 0);
    REQUIRE(waiting(now) <= before + 15);
    story.learn(learnt(i * 15s + 1s, {{{0, i * 1000}, at(-100000s + i * 1000s)}}));
    REQUIRE(waiting(story.now()) == Approx(100000 - i * 1000 + i * 15));
  }
}

TEST_CASE("A held commit, a held end: the age is held as it was, and gone with the lag") {
  const bool commit = GENERATE(true, false);
  Story story({.hold = 1min});
  story.then(poll_of(0s, {100, {100}}));
  const float was = waiting(story.then(poll_of(15s, {110, {100}})));
  REQUIRE(was > 0);
  for (const auto when : {30s, 89s, 90s, 105s}) {
    INFO(when.count());
    Facts facts = poll_of(when, {500, {commit ? 100 : 110}});
    if (commit)
      facts.groups = groups(listed_only("g0"));
    else
      facts.latest = {kUnreadOffset};
    const auto& row = row_of(story.then(std::move(facts)));
    CHECK(row.lag == (when < 90s ? held(10, 30s) : kUnknown));
    CHECK(row.waiting_seconds == (when < 90s ? was : kNotKnown));
    CHECK(wanted(story.now()).empty());
    CHECK(wanted_markers(story.now(), {}, 100).empty());
    // what is learnt meanwhile is not mixed with what is held
    story.learn(learnt(when + 1s, {{{0, 100}, at(-3600s)}}));
    CHECK(row_of(story.now()).waiting_seconds == (when < 90s ? was : kNotKnown));
  }
}

TEST_CASE("A topic that is made again, or truncated, gives no age of what was there before") {
  const bool made_again = GENERATE(true, false);
  Story story;
  story.then(poll_of(0s, {1000, {900}}));
  story.learn(learnt(1s, {{{0, 900}, at(-86400s)}}));
  Facts facts = poll_of(15s, {20, {10}});
  if (made_again) facts.metadata = cluster({{"orders", 1, 'b'}});
  const auto& now = story.then(std::move(facts));
  CHECK(row_of(now).lag == fresh(10));
  CHECK(waiting(now) == kNotKnown);
  CHECK(wanted(now) == Records{{0, 10}});
}

// --------------------------------------------------------------------------------- what was deleted before it was read

TEST_CASE("Lost is what lies between the commit and the log's start") {
  struct Row {
    const char* what;
    int64_t committed, earliest, lost;
  };
  const Row row = GENERATE(values<Row>({{"nothing", 50, 0, 0},
                                        {"the next record is the first", 50, 50, 0},
                                        {"one", 50, 51, 1},
                                        {"all", 50, 100, 50},
                                        {"beyond the end", 120, 100, 0},
                                        {"where it starts is not known", 50, kUnreadOffset, 0}}));
  INFO(row.what);
  Story story;
  CHECK(row_of(story.then(poll_of(0s, {100, {row.committed}, row.earliest}))).lost == row.lost);
}

TEST_CASE("What is lost is held with the commit") {
  Story story({.hold = 1min});
  story.then(poll_of(0s, {100, {50}, 70}));
  Facts facts = poll_of(15s, {100, {}, 90});
  facts.groups = groups(listed_only("g0"));
  const auto& row = row_of(story.then(std::move(facts)));
  CHECK(row.committed == held(50, 15s));
  CHECK(row.lost == 20);
}

TEST_CASE("Whom retention has overtaken waits for the first record that is still there") {
  Story story;
  const auto& now = story.then(poll_of(0s, {100, {10}, 40}));
  CHECK(wanted(now) == Records{{0, 40}});
  story.learn(learnt(1s, {{{0, 40}, at(-600s)}}));
  CHECK(waiting(story.now()) == Approx(600));
  SECTION("the age falls with each record that is deleted") {
    story.then(poll_of(15s, {100, {10}, 60}));
    CHECK(wanted(story.now()) == Records{{0, 60}});
    story.learn(learnt(16s, {{{0, 60}, at(-300s)}}));
    CHECK(waiting(story.now()) == Approx(315));
    CHECK(row_of(story.now()).lost == 50);
  }
  SECTION("all is deleted: nothing waits, and nothing is asked") {
    story.then(poll_of(15s, {100, {10}, 100}));
    CHECK(waiting(story.now()) == 0);
    CHECK(row_of(story.now()).lost == 90);
    CHECK(wanted(story.now()).empty());
    CHECK(status(story.now()) == model::Status::kOk);
  }
}

// ---------------------------------------------------------------------------------------------- nearness to deletion

TEST_CASE("The share of the retention that is used") {
  struct Row {
    const char* what;
    std::optional<model::TopicSettings> settings;
    Found found;
    float used;
  };
  constexpr int64_t kHour = 3600 * 1000;
  // A record that was not read is 1800 s old; the log has 100 records, or what is left of them.
  const Row row = GENERATE(values<Row>({
      // clang-format off
      {"settings are not known", {}, {100, {40}}, kNotKnown},
      {"by time", {{"delete", kHour}}, {100, {40}}, 0.5},
      {"by time, longer than it should be there", {{"delete", kHour / 4}}, {100, {40}}, 2},
      {"by time, and caught up", {{"delete", kHour}}, {100, {100}}, 0},
      {"by time, and beyond the end", {{"delete", kHour}}, {100, {170}}, 0},
      {"by time and size: the time counts", {{"delete", kHour, 1000}}, {100, {40}, 20}, 0.5},
      {"unlimited", {{"delete"}}, {100, {40}}, kNotKnown},
      {"compacted", {{"compact", kHour}}, {100, {40}}, kNotKnown},
      {"compacted and deleted", {{"compact,delete", kHour}}, {100, {40}}, kNotKnown},
      {"by size, and nothing was deleted yet", {{"delete", -1, 1000}}, {100, {40}, 0}, 0},
      {"by size", {{"delete", -1, 1000}}, {100, {40}, 20}, 0.75},
      {"by size, and all is still to be read", {{"delete", -1, 1000}}, {100, {20}, 20}, 1},
      {"by size, and overtaken", {{"delete", -1, 1000}}, {100, {10}, 20}, 1},
      {"by size, and caught up", {{"delete", -1, 1000}}, {100, {100}, 20}, 0},
      {"by size, and beyond the end", {{"delete", -1, 1000}}, {100, {170}, 20}, 0},
      {"by size, and the log is empty", {{"delete", -1, 1000}}, {100, {40}, 100}, 0},
      {"by size, and where it starts is not known", {{"delete", -1, 1000}}, {100, {40}, kUnreadOffset}, kNotKnown},
      {"nothing is kept", {{"delete", 0}}, {100, {40}}, kNotKnown},
      // clang-format on
  }));
  INFO(row.what);
  Story story;
  story.then(poll_of(0s, row.found));
  if (row.settings) story.learn(settings(*row.settings));
  const auto next = std::max(row.found.commits[0], row.found.earliest);
  story.learn(learnt(0s, {{{0, next}, at(-1800s)}}));
  CHECK(row_of(story.now()).retention_used == Approx(row.used));
  if (row.used == 0) CHECK_FALSE(std::signbit(row_of(story.now()).retention_used));
  story.then(poll_of(15s, row.found));
  CHECK(row_of(story.now()).retention_used == Approx(row.used).epsilon(0.01));
}

TEST_CASE("Retention by time is not known while the age is not") {
  Story story;
  story.then(poll_of(0s, {100, {40}}));
  story.learn(settings({"delete", 3600 * 1000}));
  CHECK(waiting(story.now()) == kNotKnown);
  CHECK(row_of(story.now()).retention_used == kNotKnown);
}

// ---------------------------------------------------------------------------------------------- marks of transactions

namespace {

model::SlowFacts told(std::chrono::milliseconds when, OldRecord record, std::optional<bool> marker) {
  model::SlowFacts facts;
  facts.at = at(when);
  facts.markers = {{record, marker}};
  return facts;
}

/// A group stays one record behind the end 100 from 15 s on.
Story one_behind(std::chrono::seconds until) {
  Story story;
  story.then(poll_of(0s, {99, {99}}));
  for (auto when = 15s; when <= until; when += 15s) story.then(poll_of(when, {100, {99}}));
  return story;
}

}  // namespace

TEST_CASE("A record that alone keeps a group from the end is looked at once it has for five minutes") {
  CHECK(wanted_markers(one_behind(300s).now(), {}, 10).empty());
  CHECK(wanted_markers(one_behind(330s).now(), {}, 10) == Records{{0, 99}});
}

TEST_CASE("Two records, or a lag that is held, are not looked at") {
  Story story = one_behind(330s);
  CHECK(wanted_markers(story.then(poll_of(345s, {101, {99}})), {}, 10).empty());
  Facts facts = poll_of(360s, {100, {}});
  facts.groups = groups(listed_only("g0"));
  CHECK(wanted_markers(story.then(std::move(facts)), {}, 10).empty());
}

TEST_CASE("Behind a transaction's mark only, a group is caught up") {
  Story story = one_behind(330s);
  CHECK(waiting(story.learn(told(331s, {0, 99}, true))) == 0);
  for (auto when = 345s; when <= 1200s; when += 15s) {
    // topics that come and go do not make us forget it
    Facts facts = poll_of(when, {100, {99}});
    if (when >= 600s && when < 900s) {
      facts.metadata = cluster({{"new", 2}, {"orders"}});
      facts.latest = {7, 8, 100};
      facts.earliest = {0, 0, 0};
      facts.groups = groups(group("g0", {{{1, 0}, 99}}));
    }
    const auto& now = story.then(std::move(facts));
    INFO(when.count());
    REQUIRE(row_of(now).lag == fresh(1));  // which is what the offsets say
    REQUIRE(waiting(now) == 0);
    REQUIRE(status(now) == model::Status::kOk);
    REQUIRE(wanted(now).empty());
    REQUIRE(wanted_markers(now, {}, 10).empty());
  }
}

TEST_CASE("A record behind the mark waits since it came") {
  Story story = one_behind(330s);
  story.learn(told(331s, {0, 99}, true));
  story.then(poll_of(345s, {100, {99}}));
  const auto& now = story.then(poll_of(360s, {103, {99}}));
  CHECK(row_of(now).lag == fresh(4));
  CHECK(waiting(now) > 0);
  CHECK(waiting(now) <= 15);
}

TEST_CASE("A record of data, or one that we may not read, stays late and is not looked at again") {
  const auto marker = GENERATE(std::optional(false), std::optional<bool>());
  Story story = one_behind(330s);
  story.learn(told(331s, {0, 99}, marker));
  for (auto when = 345s; when <= 600s; when += 15s) {
    const auto& now = story.then(poll_of(when, {100, {99}}));
    REQUIRE(waiting(now) > 300);
    REQUIRE(wanted_markers(now, {}, 10).empty());
  }
  // another record is another matter
  story.then(poll_of(615s, {101, {100}}));
  for (auto when = 630s; when <= 990s; when += 15s) story.then(poll_of(when, {101, {100}}));
  CHECK(wanted_markers(story.now(), {}, 10) == Records{{0, 100}});
}

TEST_CASE("What is known of a record is forgotten when nobody has to read it any more") {
  Story story = one_behind(330s);
  story.learn(told(331s, {0, 99}, true));
  story.then(poll_of(345s, {100, {100}}));
  story.then(poll_of(360s, {100, {100}}));
  CHECK(story.now().markers.empty());
}

TEST_CASE("And kept while a group that is further behind has yet to come to it") {
  Story story;
  story.then(poll_of(0s, {99, {99, 50}}));
  for (auto when = 15s; when <= 330s; when += 15s) story.then(poll_of(when, {100, {99, 50}}));
  CHECK(wanted_markers(story.now(), {}, 10) == Records{{0, 99}});
  story.learn(told(331s, {0, 99}, true));
  story.then(poll_of(345s, {100, {100, 98}}));
  story.then(poll_of(360s, {100, {100, 98}}));
  CHECK(waiting(story.now(), 1) != 0);
  CHECK(waiting(story.then(poll_of(375s, {100, {100, 99}})), 1) == 0);
}

TEST_CASE("A record that was written where a mark was truncated is not one") {
  Story story = one_behind(330s);
  story.learn(told(331s, {0, 99}, true));
  story.then(poll_of(345s, {99, {99}}));
  story.then(poll_of(360s, {100, {99}}));
  const auto& now = story.then(poll_of(375s, {100, {99}}));
  CHECK(waiting(now) >= 15);
  CHECK(waiting(now) <= 30);
}

TEST_CASE("The mark of a topic that was made again is not the new one's") {
  Story story = one_behind(330s);
  story.learn(told(331s, {0, 99}, true));
  Facts facts = poll_of(345s, {100, {99}});
  facts.metadata = cluster({{"orders", 1, 'b'}});
  CHECK(story.then(std::move(facts)).markers.empty());
  CHECK(waiting(story.now()) != 0);
}

// ------------------------------------------------------------------------------------------------- what is asked for

TEST_CASE("Each record is asked for once, no more than is wanted, and it is said what is compacted") {
  Story story;
  Facts facts = poll(0s, cluster({{"a", 2}, {"b"}}));
  facts.latest = {100, 200, 300};
  facts.groups = groups(group("g", {{{0, 1}, 5}, {{1, 0}, 6}}), group("h", {{{0, 0}, 9}, {{0, 1}, 5}}),
                        group("i", {{{0, 0}, 3}, {{1, 0}, 300}}));
  story.then(std::move(facts));
  model::SlowFacts slow;
  slow.at = at(1s);
  slow.settings_asked = {Asked::kRead, Asked::kRead};
  slow.settings = {{"delete"}, {"compact"}};
  story.learn(std::move(slow));
  CHECK(wanted(story.now()) == Records{{0, 3}, {0, 9}, {1, 5}, {2, 6}});
  CHECK(wanted(story.now(), 3).size() == 3);
  CHECK(wanted(story.now(), 0).empty());
  auto ages = wanted_ages(story.now(), {}, 100);
  std::sort(ages.begin(), ages.end(), [](auto& a, auto& b) { return a.record < b.record; });
  CHECK(ages.front().end_offset == 100);
  CHECK_FALSE(ages.front().compacted);
  CHECK(ages.back().end_offset == 300);
  CHECK(ages.back().compacted);
}

namespace {

/// Returns the rows of a group by its id.
const std::vector<model::GroupPartition>& rows_of(const Snapshot& snapshot, const char* name) {
  for (const auto& group : snapshot.groups)
    if (group.group.id == name) return group.partitions;
  throw std::out_of_range(name);
}

bool all_known(const std::vector<model::GroupPartition>& rows) {
  return std::all_of(rows.begin(), rows.end(), [](const auto& row) { return row.waiting_seconds >= 0; });
}

/// Group a catches up on the 50 partitions of topic a, group z stands still on the 10 of topic z. Record n of each was
/// appended n seconds after the first.
Facts catching_up(int poll_number) {
  Facts facts = poll(15s * poll_number, cluster({{"a", 50}, {"z", 10}}));
  facts.latest.assign(60, 1'000'000);
  std::vector<model::Commit> moving, still;
  for (int32_t p = 0; p < 50; ++p) moving.push_back({{0, p}, 100 + 1000 * poll_number});
  for (int32_t p = 0; p < 10; ++p) still.push_back({{1, p}, 500});
  facts.groups = groups(group("a", moving), group("z", still));
  return facts;
}

model::Time appended_at(const OldRecord& record) { return at(-1'000'000s) + std::chrono::seconds(record.offset); }

}  // namespace

TEST_CASE("groups that catch up do not keep others from getting an age") {
  Story story;
  for (int i = 0; i < 20; ++i) {
    const auto& now = story.then(catching_up(i));
    model::SlowFacts slow;
    slow.at = now.at + 1s;
    for (const auto& record : wanted(now, 10)) slow.appended.emplace_back(record, appended_at(record));
    story.learn(std::move(slow));
  }
  CHECK(all_known(rows_of(story.now(), "z")));
  CHECK(all_known(rows_of(story.now(), "a")));
}

TEST_CASE("a record is wanted until its search ends, and searches that never end do not keep others from theirs") {
  Story story;
  std::map<OldRecord, int> searches;  // with the number of polls in a row that each has been asked for
  int polls = 0;
  while (polls < 200 && (polls == 0 || !all_known(rows_of(story.now(), "z")))) {
    const auto& now = story.then(catching_up(polls++));
    std::map<OldRecord, int> ongoing;
    model::SlowFacts slow;
    slow.at = now.at + 1s;
    for (const auto& record : wanted(now, 10)) {
      const int asked = searches[record] + 1;
      if (asked == 5)
        slow.appended.emplace_back(record, appended_at(record));
      else
        ongoing[record] = asked;
    }
    searches = std::move(ongoing);
    story.learn(std::move(slow));
  }
  CHECK(all_known(rows_of(story.now(), "z")));
}

TEST_CASE("of ages that are known roughly, each is asked for in turn") {
  Story story;
  story.then(catching_up(0));
  model::SlowFacts first;
  first.at = at(1s);
  for (const auto& record : wanted(story.now(), 100)) first.appended.emplace_back(record, appended_at(record));
  story.learn(std::move(first));
  REQUIRE(all_known(rows_of(story.now(), "a")));
  std::set<uint32_t> asked;
  for (int i = 1; i <= 200; ++i) {
    const auto& now = story.then(catching_up(i));
    const auto records = wanted(now, 10);
    CHECK(records.size() == 10);
    for (const auto& record : records) asked.insert(record.partition);
  }
  CHECK(asked.size() == 50);
}

TEST_CASE("records that cannot be read do not keep others from being looked at") {
  Story story;
  Facts facts = poll(0s, cluster({{"a", 20}}));
  std::set<uint32_t> looked_at;
  for (auto when = 0s; when <= 3600s; when += 15s) {
    facts = poll(when, cluster({{"a", 20}}));
    std::vector<model::Commit> commits;
    for (int32_t p = 0; p < 20; ++p) commits.push_back({{0, p}, 99});
    facts.latest.assign(20, when == 0s ? 99 : 100);
    facts.groups = groups(group("g", std::move(commits)));
    for (const auto& record : wanted_markers(story.then(std::move(facts)), {}, 3)) looked_at.insert(record.partition);
  }
  CHECK(looked_at.size() == 20);
}

TEST_CASE("Before anything is known, nothing is asked for") {
  CHECK(wanted_ages({}, {}, 100).empty());
  CHECK(wanted_markers({}, {}, 100).empty());
}

// ----------------------------------------------------------------------------------------------------------- progress

TEST_CASE("A move is noted though the end could not be read: no stall, and no rewind that nobody made") {
  Story story;
  int64_t committed = 0;
  story.then(poll_of(0s, {100000, {0}}));
  story.learn(learnt(1s, {{{0, 0}, at(-3600s)}}));
  for (auto when = 15s; when <= 1800s; when += 15s) {
    const bool readable = when.count() % 30 == 0;
    if (!readable) committed += 10;  // it commits just when the end cannot be read
    Facts facts = poll_of(when, {100000, {committed}});
    if (!readable) facts.latest = {kUnreadOffset};
    const auto& now = story.then(std::move(facts));
    if (!readable) REQUIRE(row_of(now).progress.moved == model::to_tick(at(when)));
    REQUIRE(status(now) != model::Status::kStalled);
    REQUIRE(status(now) != model::Status::kRewound);
  }
  CHECK(status(story.now()) == model::Status::kOk);  // it is catching up
}

TEST_CASE("A rewind that is made while the end cannot be read is one") {
  Story story;
  story.then(poll_of(0s, {1000, {1000}}));
  Facts facts = poll_of(15s, {1000, {10}});
  facts.latest = {kUnreadOffset};
  story.then(std::move(facts));
  story.then(poll_of(30s, {1000, {10}}));
  CHECK(status(story.now()) == model::Status::kRewound);
}

TEST_CASE("A group that could not be read for a while has neither stalled nor moved") {
  Story story({.hold = 1min});
  story.then(poll_of(0s, {1000, {500}}));
  story.then(poll_of(15s, {1000, {510}}));
  for (auto when = 30s; when < 1200s; when += 15s) story.then(silent_poll(when, story.now()));
  const auto& now = story.then(poll_of(1200s, {1000, {510}}));
  CHECK(status(now) != model::Status::kStalled);
  CHECK(row_of(now).progress.moved == model::to_tick(at(15s)));
}

// --------------------------------------------------------------------------------------------------- whatever happens

TEST_CASE("Whatever happens, nothing is negative, not a number or absurd, and who is caught up waits for nothing") {
  const auto seed = GENERATE(range(1u, 41u));
  INFO("seed " << seed);
  std::mt19937 random(seed);
  const auto one_of = [&](unsigned n) { return random() % n == 0; };
  const auto up_to = [&](int64_t n) { return n <= 0 ? 0 : static_cast<int64_t>(random() % static_cast<uint64_t>(n)); };
  Story story({.hold = 1min});
  int64_t end = 1000, start = 0, commit[2] = {1000, 400};
  char id = 'a';
  int others = 0;
  auto when = 0s;
  for (int i = 0; i < 300; ++i, when += 15s) {
    end += one_of(3) ? up_to(500) : 0;
    if (one_of(10)) start += up_to(end - start + 1);  // retention, or delete-records
    for (auto& c : commit) c = one_of(2) ? std::max(c, c + up_to(end - c + 1)) : c;
    if (one_of(25)) commit[up_to(2)] = up_to(end + 50);    // reset, also to beyond the end
    if (one_of(40)) end = start + up_to(end - start + 1);  // truncation
    if (one_of(60)) end = up_to(100), start = 0, ++id;     // made again
    if (one_of(20)) others = static_cast<int>(up_to(4));   // topics before it come and go
    Facts facts = poll(when, cluster({{"a", 1 + others}, {"orders", 1, id}}));
    if (one_of(8)) facts = silent_poll(when, story.now());
    if (facts.metadata_read) {
      facts.latest.back() = one_of(8) ? kUnreadOffset : end;
      facts.earliest.back() = one_of(2) ? model::kUnaskedOffset : one_of(8) ? kUnreadOffset : start;
      for (size_t g = 0; g < 2; ++g) {
        const std::string name = "g" + std::to_string(g);
        if (one_of(10))
          facts.unread_groups.push_back(name);
        else if (one_of(10))
          facts.groups.push_back(listed_only(name));
        else
          facts.groups.push_back(group(name, {{{1, 0}, commit[g]}}));
      }
    }
    const auto check = [&](const Snapshot& now) {
      for (const auto& group : now.groups)
        for (const auto& row : group.partitions) {
          const bool waits = row.waiting_seconds == kNotKnown || row.waiting_seconds >= 0;
          const bool uses = row.retention_used == kNotKnown || row.retention_used >= 0;
          REQUIRE(waits);
          REQUIRE(uses);
          REQUIRE(std::isfinite(row.waiting_seconds));
          REQUIRE(std::isfinite(row.retention_used));
          REQUIRE(row.waiting_seconds <= 40000);  // what was learnt is at most 10 h old
          REQUIRE(row.lost >= 0);
          REQUIRE(row.lag.value >= model::Value::kUnknown);
          if (row.lag.fresh() && row.lag.value == 0) REQUIRE(row.waiting_seconds == 0);
        }
    };
    check(story.now());
    const Snapshot& now = story.then(std::move(facts));
    check(now);
    if (!now.up) continue;
    model::SlowFacts slow;
    slow.at = at(when + 1s);
    slow.settings_asked.assign(now.numbering->topics.size(), one_of(3) ? Asked::kUnread : Asked::kRead);
    slow.settings.assign(now.numbering->topics.size(), one_of(2) ? model::TopicSettings{"delete", 600 * 1000}
                                                                 : model::TopicSettings{"delete", -1, 9});
    for (const auto& age : wanted_ages(now, {}, 10)) {
      REQUIRE(age.record.offset < age.end_offset);
      REQUIRE(age.record.partition < now.numbering->partition_count);
      if (one_of(3)) continue;
      slow.appended.emplace_back(
          age.record, one_of(4) ? std::nullopt : std::optional(at(when - std::chrono::seconds(up_to(36000)) + 60s)));
    }
    for (const auto& record : wanted_markers(now, {}, 10))
      slow.markers.emplace_back(record, one_of(3) ? std::nullopt : std::optional(one_of(2)));
    story.learn(std::move(slow));
  }
}
