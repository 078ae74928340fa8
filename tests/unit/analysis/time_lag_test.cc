#include "analysis/time_lag.h"

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

#include "analysis/group_status.h"
#include "analysis/poll_results.h"

using namespace kafkascope::analysis;
namespace model = kafkascope::model;
using Catch::Approx;
using model::kFailedOffset;
using model::ReadState;
using model::RecordPosition;

namespace {

constexpr float kNotKnown = model::GroupPartition::kUnknown;

/// One partition and the groups that read it.
struct Found {
  int64_t end;
  std::vector<int64_t> commits;  ///< Of the groups g0, g1, ...
  int64_t earliest = 0;
};

PollResult poll_of(std::chrono::milliseconds when, const Found& found) {
  PollResult result = poll(when, cluster({{"orders"}}));
  result.latest = {found.end};
  result.earliest = {found.earliest};
  for (size_t g = 0; g < found.commits.size(); ++g)
    result.groups.push_back(group("g" + std::to_string(g), {{{0, 0}, found.commits[g]}}));
  return result;
}

model::BackgroundResult looked_up(std::chrono::milliseconds when,
                                  std::vector<std::pair<RecordPosition, std::optional<model::Time>>> appended) {
  model::BackgroundResult result;
  result.at = at(when);
  result.appended = std::move(appended);
  return result;
}

model::BackgroundResult settings(model::TopicSettings topic) {
  model::BackgroundResult result;
  result.at = at(0s);
  result.settings_state = {ReadState::kOk};
  result.settings = {std::move(topic)};
  return result;
}

const model::GroupPartition& row_of(const Snapshot& snapshot, size_t group = 0) {
  return snapshot.groups.at(group).partitions.at(0);
}

float waiting(const Snapshot& snapshot, size_t group = 0) { return row_of(snapshot, group).lag_seconds; }

/// Sorted.
std::vector<RecordPosition> wanted(const Snapshot& snapshot, size_t most = 100) {
  std::vector<RecordPosition> records;
  for (const auto& age : find_records_without_time(snapshot, {}, most)) records.push_back(age.record);
  std::sort(records.begin(), records.end());
  return records;
}
using Records = std::vector<RecordPosition>;

std::optional<model::Status> status(const Snapshot& snapshot) {
  return progress_status(row_of(snapshot).progress, true, {5min, 30s});
}

}  // namespace

// ------------------------------------------------------------------------------------------------------ waiting time

TEST_CASE("A group that is caught up or ahead has lag 0 s") {
  const int64_t committed = GENERATE(100, 101, 5000);
  Story story;
  for (auto when = 0s; when <= 600s; when += 15s) {
    const auto& now = story.then(poll_of(when, {100, {committed}}));
    REQUIRE(waiting(now) == 0);
    REQUIRE(row_of(now).lag == fresh(0));
    REQUIRE(wanted(now).empty());
  }
}

TEST_CASE("Idle time before a record does not count as lag") {
  Story story;
  for (auto when = 0s; when <= 7200s; when += 15s) story.then(poll_of(when, {100, {100}}));
  const auto& now = story.then(poll_of(7215s, {101, {100}}));
  CHECK(waiting(now) >= 0);
  CHECK(waiting(now) <= 15);
}

TEST_CASE("The age of an unread record grows, also if nothing is produced") {
  Story story;
  story.then(poll_of(0s, {100, {100}}));
  float last = 0;
  for (auto when = 15s; when <= 3600s; when += 15s) {
    const auto& now = story.then(poll_of(when, {101, {100}}));
    if (when > 15s) REQUIRE(waiting(now) - last == Approx(15));
    last = waiting(now);
    REQUIRE(wanted(now).empty());  // its arrival was observed
  }
  CHECK(last >= 3585);
  CHECK(last <= 3600);
}

TEST_CASE("A consumer that follows has its delay as lag in seconds") {
  Story story;
  for (int i = 0; i < 40; ++i) {
    const auto& now = story.then(poll_of(i * 15s, {1000 + i * 150, {std::min(1000 + i * 150, 700 + i * 150)}}));
    if (i < 3) continue;  // it was behind at the start
    REQUIRE(waiting(now) >= 15);
    REQUIRE(waiting(now) <= 45);
  }
}

TEST_CASE("Records from before the start have no age until they are looked up") {
  Story story;
  const auto& first = story.then(poll_of(0s, {100, {40}}));
  CHECK(waiting(first) == kNotKnown);
  CHECK(wanted(first) == Records{{0, 40}});
  CHECK(waiting(story.add_lookup(looked_up(1s, {{{0, 40}, at(-3600s)}}))) == Approx(3600));
  CHECK(wanted(story.now()).empty());
  for (auto when = 15s; when <= 600s; when += 15s) {
    const auto& now = story.then(poll_of(when, {100, {40}}));
    REQUIRE(waiting(now) == Approx(3600 + when.count()));
    REQUIRE(wanted(now).empty());
  }
}

TEST_CASE("A record without a timestamp in the index is as old as its first observation") {
  Story story;
  story.then(poll_of(0s, {100, {40}}));
  CHECK(waiting(story.add_lookup(looked_up(1s, {{{0, 40}, std::nullopt}}))) == 0);
  for (auto when = 15s; when <= 600s; when += 15s) {
    const auto& now = story.then(poll_of(when, {100, {40}}));
    REQUIRE(waiting(now) == Approx(when.count()));
    REQUIRE(wanted(now).empty());
  }
}

TEST_CASE("A timestamp in the future does not cause a negative age") {
  Story story;
  story.then(poll_of(0s, {100, {40}}));
  CHECK(waiting(story.add_lookup(looked_up(1s, {{{0, 40}, at(9h)}}))) == 0);
  CHECK(waiting(story.then(poll_of(15s, {100, {40}}))) == Approx(15));
}

TEST_CASE("After a looked-up record there is no initial estimate, but a known age is continued by one") {
  Story story;
  story.then(poll_of(0s, {1000, {0, 500}}));
  const auto& first =
      story.add_lookup(looked_up(1s, {{{0, 0}, at(-10000s)}}));  // g1's record was not looked up in time
  CHECK(waiting(first, 0) == Approx(10000));
  CHECK(waiting(first, 1) == kNotKnown);
  const auto& second = story.then(poll_of(15s, {1000, {0, 500}}));
  CHECK(waiting(second, 0) == Approx(10015));
  CHECK(waiting(second, 1) == kNotKnown);
  CHECK(wanted(second) == Records{{0, 500}});
  CHECK(waiting(story.add_lookup(looked_up(16s, {{{0, 500}, at(-100s)}})), 1) == Approx(115));

  // Then it is looked up; until then the estimate is close.
  const auto& third = story.then(poll_of(30s, {1000, {0, 501}}));
  CHECK(waiting(third, 1) > 100);
  CHECK(waiting(third, 1) <= 130);
  CHECK(wanted(third) == Records{{0, 501}});
  CHECK(waiting(story.add_lookup(looked_up(31s, {})), 1) == waiting(third, 1));
}

TEST_CASE("A group that advances through old records always has an age, and it does not increase") {
  Story story;
  story.then(poll_of(0s, {100000, {0}}));
  story.add_lookup(looked_up(1s, {{{0, 0}, at(-100000s)}}));
  for (int i = 1; i < 100; ++i) {
    const float before = waiting(story.now());
    const auto& now = story.then(poll_of(i * 15s, {100000, {i * 1000}}));
    REQUIRE(waiting(now) > 0);
    REQUIRE(waiting(now) <= before + 15);
    story.add_lookup(looked_up(i * 15s + 1s, {{{0, i * 1000}, at(-100000s + i * 1000s)}}));
    REQUIRE(waiting(story.now()) == Approx(100000 - i * 1000 + i * 15));
  }
}

TEST_CASE("Lag in seconds is held and removed with the lag") {
  const bool commit = GENERATE(true, false);
  Story story({.hold = 1min});
  story.then(poll_of(0s, {100, {100}}));
  const float was = waiting(story.then(poll_of(15s, {110, {100}})));
  REQUIRE(was > 0);
  for (const auto when : {30s, 89s, 90s, 105s}) {
    INFO(when.count());
    PollResult result = poll_of(when, {500, {commit ? 100 : 110}});
    if (commit)
      result.groups = groups(listed_only("g0"));
    else
      result.latest = {kFailedOffset};
    const auto& row = row_of(story.then(std::move(result)));
    CHECK(row.lag == (when < 90s ? held(10, 30s) : kUnknown));
    CHECK(row.lag_seconds == (when < 90s ? was : kNotKnown));
    CHECK(wanted(story.now()).empty());
    CHECK(find_possible_transaction_markers(story.now(), {}, 100).empty());
    // lookups do not change held values
    story.add_lookup(looked_up(when + 1s, {{{0, 100}, at(-3600s)}}));
    CHECK(row_of(story.now()).lag_seconds == (when < 90s ? was : kNotKnown));
  }
}

TEST_CASE("A re-created or truncated topic does not use earlier append times") {
  const bool made_again = GENERATE(true, false);
  Story story;
  story.then(poll_of(0s, {1000, {900}}));
  story.add_lookup(looked_up(1s, {{{0, 900}, at(-86400s)}}));
  PollResult result = poll_of(15s, {20, {10}});
  if (made_again) result.metadata = cluster({{"orders", 1, 'b'}});
  const auto& now = story.then(std::move(result));
  CHECK(row_of(now).lag == fresh(10));
  if (made_again) {  // all its records are newer than the last poll
    CHECK(waiting(now) > 0);
    CHECK(waiting(now) <= 15);
    CHECK(wanted(now).empty());
  } else {
    CHECK(waiting(now) == kNotKnown);
    CHECK(wanted(now) == Records{{0, 10}});
  }
}

TEST_CASE("A topic re-created while polls failed has no age until it is looked up") {
  Story story;
  story.then(poll_of(0s, {1000, {900}}));
  PollResult failed = poll_of(15s, {1000, {900}});
  failed.metadata_read = false;
  story.then(std::move(failed));
  PollResult result = poll_of(30s, {20, {10}});
  result.metadata = cluster({{"orders", 1, 'b'}});
  CHECK(waiting(story.then(std::move(result))) == kNotKnown);
}

TEST_CASE("A group reset between two looked-up records has no age until its own record is looked up") {
  Story story;
  story.then(poll_of(0s, {1000, {100, 900, 1000}}));
  story.add_lookup(looked_up(1s, {{{0, 100}, at(-86400s)}, {{0, 900}, at(-60s)}}));
  const auto& now = story.then(poll_of(15s, {1000, {100, 900, 500}}));
  CHECK(waiting(now, 2) == kNotKnown);
  CHECK(wanted(now) == Records{{0, 500}});
}

// --------------------------------------------------------------------------------- lost records

TEST_CASE("Records between the commit and the log start offset are lost") {
  struct Row {
    const char* what;
    int64_t committed, earliest, lost;
  };
  const Row row = GENERATE(values<Row>({{"nothing", 50, 0, 0},
                                        {"the next record is the first", 50, 50, 0},
                                        {"one", 50, 51, 1},
                                        {"all", 50, 100, 50},
                                        {"beyond the end", 120, 100, 0},
                                        {"where it starts is not known", 50, kFailedOffset, 0}}));
  INFO(row.what);
  Story story;
  CHECK(row_of(story.then(poll_of(0s, {100, {row.committed}, row.earliest}))).lost == row.lost);
}

TEST_CASE("A commit is ahead after two successive polls beyond the end offset") {
  Story story;
  CHECK(row_of(story.then(poll_of(0s, {3, {1000}}))).ahead == -997);
  CHECK(row_of(story.then(poll_of(15s, {4, {1000}}))).ahead == 996);
  CHECK(row_of(story.now()).lag == fresh(0));
  CHECK(row_of(story.then(poll_of(30s, {1000, {1000}}))).ahead == 0);
  CHECK(row_of(story.then(poll_of(45s, {999, {1000}}))).ahead == -1);
}

TEST_CASE("A failed read of the commit or the end offset restarts the check") {
  Story story;
  story.then(poll_of(0s, {3, {1000}}));
  story.then(poll_of(15s, {3, {1000}}));
  SECTION("the end") {
    story.then(poll_of(30s, {kFailedOffset, {1000}}));
    CHECK(row_of(story.now()).ahead == 0);
  }
  SECTION("the commit") {
    PollResult result = poll_of(30s, {3, {}});
    result.groups = groups(listed_only("g0"));
    CHECK(row_of(story.then(std::move(result))).ahead == 0);
  }
  CHECK(row_of(story.then(poll_of(45s, {3, {1000}}))).ahead == -997);
}

TEST_CASE("Lost records are held with the commit") {
  Story story({.hold = 1min});
  story.then(poll_of(0s, {100, {50}, 70}));
  PollResult result = poll_of(15s, {100, {}, 90});
  result.groups = groups(listed_only("g0"));
  const auto& row = row_of(story.then(std::move(result)));
  CHECK(row.committed == held(50, 15s));
  CHECK(row.lost == 20);
}

TEST_CASE("If retention has overtaken a group, its lag in seconds is the age of the first remaining record") {
  Story story;
  const auto& now = story.then(poll_of(0s, {100, {10}, 40}));
  CHECK(wanted(now) == Records{{0, 40}});
  story.add_lookup(looked_up(1s, {{{0, 40}, at(-600s)}}));
  CHECK(waiting(story.now()) == Approx(600));
  SECTION("the age decreases with each deleted record") {
    story.then(poll_of(15s, {100, {10}, 60}));
    CHECK(wanted(story.now()) == Records{{0, 60}});
    story.add_lookup(looked_up(16s, {{{0, 60}, at(-300s)}}));
    CHECK(waiting(story.now()) == Approx(315));
    CHECK(row_of(story.now()).lost == 50);
  }
  SECTION("everything is deleted: no lag and no lookup") {
    story.then(poll_of(15s, {100, {10}, 100}));
    CHECK(waiting(story.now()) == 0);
    CHECK(row_of(story.now()).lost == 90);
    CHECK(wanted(story.now()).empty());
    CHECK(status(story.now()) == model::Status::kOk);
  }
}

// ---------------------------------------------------------------------------------------------- retention used

TEST_CASE("Retention used") {
  struct Row {
    const char* what;
    std::optional<model::TopicSettings> settings;
    Found found;
    float used;
  };
  constexpr int64_t kHour = 3600 * 1000;
  // The oldest unread record is 1800 s old; the log has up to 100 records.
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
      {"by size, and where it starts is not known", {{"delete", -1, 1000}}, {100, {40}, kFailedOffset}, kNotKnown},
      {"nothing is kept", {{"delete", 0}}, {100, {40}}, kNotKnown},
      // clang-format on
  }));
  INFO(row.what);
  Story story;
  story.then(poll_of(0s, row.found));
  if (row.settings) story.add_lookup(settings(*row.settings));
  const auto next = std::max(row.found.commits[0], row.found.earliest);
  story.add_lookup(looked_up(0s, {{{0, next}, at(-1800s)}}));
  CHECK(row_of(story.now()).retention_used == Approx(row.used));
  if (row.used == 0) CHECK_FALSE(std::signbit(row_of(story.now()).retention_used));
  story.then(poll_of(15s, row.found));
  CHECK(row_of(story.now()).retention_used == Approx(row.used).epsilon(0.01));
}

TEST_CASE("Retention used by time is unknown while the age is") {
  Story story;
  story.then(poll_of(0s, {100, {40}}));
  story.add_lookup(settings({"delete", 3600 * 1000}));
  CHECK(waiting(story.now()) == kNotKnown);
  CHECK(row_of(story.now()).retention_used == kNotKnown);
}

// ---------------------------------------------------------------------------------------------- transaction markers

namespace {

model::BackgroundResult checked(std::chrono::milliseconds when, RecordPosition record, bool marker) {
  model::BackgroundResult result;
  result.at = at(when);
  result.markers = {{record, marker}};
  return result;
}

/// A group stays one record behind the end offset 100 from 15 s on.
Story one_behind(std::chrono::seconds until) {
  Story story;
  story.then(poll_of(0s, {99, {99}}));
  for (auto when = 15s; when <= until; when += 15s) story.then(poll_of(when, {100, {99}}));
  return story;
}

}  // namespace

TEST_CASE("The only record between a group and the end offset is checked after two polls, or in the first one") {
  CHECK(find_possible_transaction_markers(one_behind(15s).now(), {}, 10).empty());
  CHECK(find_possible_transaction_markers(one_behind(30s).now(), {}, 10) == Records{{0, 99}});
  Story start;
  CHECK(find_possible_transaction_markers(start.then(poll_of(0s, {100, {99}})), {}, 10) == Records{{0, 99}});
  start.add_lookup(checked(1s, {0, 99}, false));
  CHECK(find_possible_transaction_markers(start.then(poll_of(15s, {100, {99}})), {}, 10).empty());
}

TEST_CASE("Two records, or a held lag, are not checked") {
  Story story = one_behind(330s);
  CHECK(find_possible_transaction_markers(story.then(poll_of(345s, {101, {99}})), {}, 10).empty());
  PollResult result = poll_of(360s, {100, {}});
  result.groups = groups(listed_only("g0"));
  CHECK(find_possible_transaction_markers(story.then(std::move(result)), {}, 10).empty());
}

TEST_CASE("A group behind only a transaction marker is caught up") {
  Story story = one_behind(330s);
  CHECK(waiting(story.add_lookup(checked(331s, {0, 99}, true))) == 0);
  for (auto when = 345s; when <= 1200s; when += 15s) {
    // kept when topics are added and deleted
    PollResult result = poll_of(when, {100, {99}});
    if (when >= 600s && when < 900s) {
      result.metadata = cluster({{"new", 2}, {"orders"}});
      result.latest = {7, 8, 100};
      result.earliest = {0, 0, 0};
      result.groups = groups(group("g0", {{{1, 0}, 99}}));
    }
    const auto& now = story.then(std::move(result));
    INFO(when.count());
    REQUIRE(row_of(now).lag == fresh(1));  // lag in records does not change
    REQUIRE(waiting(now) == 0);
    REQUIRE(status(now) == model::Status::kOk);
    REQUIRE(wanted(now).empty());
    REQUIRE(find_possible_transaction_markers(now, {}, 10).empty());
  }
}

TEST_CASE("A record after the marker counts from its own arrival") {
  Story story = one_behind(330s);
  story.add_lookup(checked(331s, {0, 99}, true));
  story.then(poll_of(345s, {100, {99}}));
  const auto& now = story.then(poll_of(360s, {103, {99}}));
  CHECK(row_of(now).lag == fresh(4));
  CHECK(waiting(now) > 0);
  CHECK(waiting(now) <= 15);
}

TEST_CASE("A data record, or one that may not be read, counts as lag and is not checked again") {
  Story story = one_behind(330s);
  story.add_lookup(checked(331s, {0, 99}, false));
  for (auto when = 345s; when <= 600s; when += 15s) {
    const auto& now = story.then(poll_of(when, {100, {99}}));
    REQUIRE(waiting(now) > 300);
    REQUIRE(find_possible_transaction_markers(now, {}, 10).empty());
  }
  // another record is checked
  story.then(poll_of(615s, {101, {100}}));
  for (auto when = 630s; when <= 990s; when += 15s) story.then(poll_of(when, {101, {100}}));
  CHECK(find_possible_transaction_markers(story.now(), {}, 10) == Records{{0, 100}});
}

TEST_CASE("A marker is removed when all groups have read it") {
  Story story = one_behind(330s);
  story.add_lookup(checked(331s, {0, 99}, true));
  story.then(poll_of(345s, {100, {100}}));
  story.then(poll_of(360s, {100, {100}}));
  CHECK(story.now().markers.empty());
}

TEST_CASE("A marker is kept while a group has not reached it") {
  Story story;
  story.then(poll_of(0s, {99, {99, 50}}));
  for (auto when = 15s; when <= 330s; when += 15s) story.then(poll_of(when, {100, {99, 50}}));
  CHECK(find_possible_transaction_markers(story.now(), {}, 10) == Records{{0, 99}});
  story.add_lookup(checked(331s, {0, 99}, true));
  story.then(poll_of(345s, {100, {100, 98}}));
  story.then(poll_of(360s, {100, {100, 98}}));
  CHECK(waiting(story.now(), 1) != 0);
  CHECK(waiting(story.then(poll_of(375s, {100, {100, 99}})), 1) == 0);
}

TEST_CASE("A truncated marker is not applied to the record written in its place") {
  Story story = one_behind(330s);
  story.add_lookup(checked(331s, {0, 99}, true));
  story.then(poll_of(345s, {99, {99}}));
  story.then(poll_of(360s, {100, {99}}));
  const auto& now = story.then(poll_of(375s, {100, {99}}));
  CHECK(waiting(now) >= 15);
  CHECK(waiting(now) <= 30);
}

TEST_CASE("A re-created topic does not keep markers") {
  Story story = one_behind(330s);
  story.add_lookup(checked(331s, {0, 99}, true));
  PollResult result = poll_of(345s, {100, {99}});
  result.metadata = cluster({{"orders", 1, 'b'}});
  CHECK(story.then(std::move(result)).markers.empty());
  CHECK(waiting(story.now()) != 0);
}

// ------------------------------------------------------------------------------------------------- lookups

TEST_CASE("Each record is requested once, at most `most`, with the topic's compaction") {
  Story story;
  PollResult result = poll(0s, cluster({{"a", 2}, {"b"}}));
  result.latest = {100, 200, 300};
  result.groups = groups(group("g", {{{0, 1}, 5}, {{1, 0}, 6}}), group("h", {{{0, 0}, 9}, {{0, 1}, 5}}),
                         group("i", {{{0, 0}, 3}, {{1, 0}, 300}}));
  story.then(std::move(result));
  model::BackgroundResult slow;
  slow.at = at(1s);
  slow.settings_state = {ReadState::kOk, ReadState::kOk};
  slow.settings = {{"delete"}, {"compact"}};
  story.add_lookup(std::move(slow));
  CHECK(wanted(story.now()) == Records{{0, 3}, {0, 9}, {1, 5}, {2, 6}});
  CHECK(wanted(story.now(), 3).size() == 3);
  CHECK(wanted(story.now(), 0).empty());
  auto ages = find_records_without_time(story.now(), {}, 100);
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
  return std::all_of(rows.begin(), rows.end(), [](const auto& row) { return row.lag_seconds >= 0; });
}

/// Group a catches up on the 50 partitions of topic a, group z is stalled on the 10 of topic z. Record n of each was
/// appended n seconds after the first.
PollResult catching_up(int poll_number) {
  PollResult result = poll(15s * poll_number, cluster({{"a", 50}, {"z", 10}}));
  result.latest.assign(60, 1'000'000);
  std::vector<model::Commit> moving, still;
  for (int32_t p = 0; p < 50; ++p) moving.push_back({{0, p}, 100 + 1000 * poll_number});
  for (int32_t p = 0; p < 10; ++p) still.push_back({{1, p}, 500});
  result.groups = groups(group("a", moving), group("z", still));
  return result;
}

model::Time appended_at(const RecordPosition& record) { return at(-1'000'000s) + std::chrono::seconds(record.offset); }

}  // namespace

TEST_CASE("groups that catch up do not starve lookups of others") {
  Story story;
  for (int i = 0; i < 20; ++i) {
    const auto& now = story.then(catching_up(i));
    model::BackgroundResult slow;
    slow.at = now.at + 1s;
    for (const auto& record : wanted(now, 10)) slow.appended.emplace_back(record, appended_at(record));
    story.add_lookup(std::move(slow));
  }
  CHECK(all_known(rows_of(story.now(), "z")));
  CHECK(all_known(rows_of(story.now(), "a")));
}

TEST_CASE("a record is requested until its search ends, and endless searches do not starve others") {
  Story story;
  std::map<RecordPosition, int> searches;  // successive polls that each was requested in
  int polls = 0;
  while (polls < 200 && (polls == 0 || !all_known(rows_of(story.now(), "z")))) {
    const auto& now = story.then(catching_up(polls++));
    std::map<RecordPosition, int> ongoing;
    model::BackgroundResult slow;
    slow.at = now.at + 1s;
    for (const auto& record : wanted(now, 10)) {
      const int asked = searches[record] + 1;
      if (asked == 5)
        slow.appended.emplace_back(record, appended_at(record));
      else
        ongoing[record] = asked;
    }
    searches = std::move(ongoing);
    story.add_lookup(std::move(slow));
  }
  CHECK(all_known(rows_of(story.now(), "z")));
}

TEST_CASE("rough estimates are looked up in turn") {
  Story story;
  story.then(catching_up(0));
  model::BackgroundResult first;
  first.at = at(1s);
  for (const auto& record : wanted(story.now(), 100)) first.appended.emplace_back(record, appended_at(record));
  story.add_lookup(std::move(first));
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

TEST_CASE("records that cannot be read do not starve checks of others") {
  Story story;
  PollResult result = poll(0s, cluster({{"a", 20}}));
  std::set<uint32_t> looked_at;
  for (auto when = 0s; when <= 3600s; when += 15s) {
    result = poll(when, cluster({{"a", 20}}));
    std::vector<model::Commit> commits;
    for (int32_t p = 0; p < 20; ++p) commits.push_back({{0, p}, 99});
    result.latest.assign(20, when == 0s ? 99 : 100);
    result.groups = groups(group("g", std::move(commits)));
    for (const auto& record : find_possible_transaction_markers(story.then(std::move(result)), {}, 3))
      looked_at.insert(record.partition);
  }
  CHECK(looked_at.size() == 20);
}

TEST_CASE("There are no lookups before the first metadata") {
  CHECK(find_records_without_time({}, {}, 100).empty());
  CHECK(find_possible_transaction_markers({}, {}, 100).empty());
}

// ----------------------------------------------------------------------------------------------------------- progress

TEST_CASE("Progress is noted if the end offset cannot be read: neither stalled nor rewound") {
  Story story;
  int64_t committed = 0;
  story.then(poll_of(0s, {100000, {0}}));
  story.add_lookup(looked_up(1s, {{{0, 0}, at(-3600s)}}));
  for (auto when = 15s; when <= 1800s; when += 15s) {
    const bool readable = when.count() % 30 == 0;
    if (!readable) committed += 10;  // commits only while the end offset cannot be read
    PollResult result = poll_of(when, {100000, {committed}});
    if (!readable) result.latest = {kFailedOffset};
    const auto& now = story.then(std::move(result));
    if (!readable) REQUIRE(row_of(now).progress.moved == model::to_tick(at(when)));
    REQUIRE(status(now) != model::Status::kStalled);
    REQUIRE(status(now) != model::Status::kRewound);
  }
  CHECK(status(story.now()) == model::Status::kOk);  // it is catching up
}

TEST_CASE("A reset while the end offset cannot be read is a rewind") {
  Story story;
  story.then(poll_of(0s, {1000, {1000}}));
  PollResult result = poll_of(15s, {1000, {10}});
  result.latest = {kFailedOffset};
  story.then(std::move(result));
  story.then(poll_of(30s, {1000, {10}}));
  CHECK(status(story.now()) == model::Status::kRewound);
}

TEST_CASE("A group that could not be read for a while is neither stalled nor making progress") {
  Story story({.hold = 1min});
  story.then(poll_of(0s, {1000, {500}}));
  story.then(poll_of(15s, {1000, {510}}));
  for (auto when = 30s; when < 1200s; when += 15s) story.then(silent_poll(when, story.now()));
  const auto& now = story.then(poll_of(1200s, {1000, {510}}));
  CHECK(status(now) != model::Status::kStalled);
  CHECK(row_of(now).progress.moved == model::to_tick(at(15s)));
}

// --------------------------------------------------------------------------------------------------- random histories

TEST_CASE("Random histories yield plausible values, and lag 0 s if caught up") {
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
    if (one_of(60)) end = up_to(100), start = 0, ++id;     // re-created
    if (one_of(20)) others = static_cast<int>(up_to(4));   // topics before it are added and deleted
    PollResult result = poll(when, cluster({{"a", 1 + others}, {"orders", 1, id}}));
    if (one_of(8)) result = silent_poll(when, story.now());
    if (result.metadata_read) {
      result.latest.back() = one_of(8) ? kFailedOffset : end;
      result.earliest.back() = one_of(2) ? model::kNotRequestedOffset : one_of(8) ? kFailedOffset : start;
      for (size_t g = 0; g < 2; ++g) {
        const std::string name = "g" + std::to_string(g);
        if (one_of(10))
          result.failed_groups.push_back(name);
        else if (one_of(10))
          result.groups.push_back(listed_only(name));
        else
          result.groups.push_back(group(name, {{{1, 0}, commit[g]}}));
      }
    }
    const auto check = [&](const Snapshot& now) {
      for (const auto& group : now.groups)
        for (const auto& row : group.partitions) {
          const bool waits = row.lag_seconds == kNotKnown || row.lag_seconds >= 0;
          const bool uses = row.retention_used == kNotKnown || row.retention_used >= 0;
          REQUIRE(waits);
          REQUIRE(uses);
          REQUIRE(std::isfinite(row.lag_seconds));
          REQUIRE(std::isfinite(row.retention_used));
          REQUIRE(row.lag_seconds <= 40000);  // looked-up records are at most 10 h old
          REQUIRE(row.lost >= 0);
          REQUIRE(row.lag.value >= model::Value::kUnknown);
          if (row.lag.fresh() && row.lag.value == 0) REQUIRE(row.lag_seconds == 0);
        }
    };
    check(story.now());
    const Snapshot& now = story.then(std::move(result));
    check(now);
    if (!now.up) continue;
    model::BackgroundResult slow;
    slow.at = at(when + 1s);
    slow.settings_state.assign(now.numbering->topics.size(), one_of(3) ? ReadState::kFailed : ReadState::kOk);
    slow.settings.assign(now.numbering->topics.size(), one_of(2) ? model::TopicSettings{"delete", 600 * 1000}
                                                                 : model::TopicSettings{"delete", -1, 9});
    for (const auto& age : find_records_without_time(now, {}, 10)) {
      REQUIRE(age.record.offset < age.end_offset);
      REQUIRE(age.record.partition < now.numbering->partition_count);
      if (one_of(3)) continue;
      slow.appended.emplace_back(
          age.record, one_of(4) ? std::nullopt : std::optional(at(when - std::chrono::seconds(up_to(36000)) + 60s)));
    }
    for (const auto& record : find_possible_transaction_markers(now, {}, 10))
      slow.markers.emplace_back(record, one_of(3) ? std::nullopt : std::optional(one_of(2)));
    story.add_lookup(std::move(slow));
  }
}
