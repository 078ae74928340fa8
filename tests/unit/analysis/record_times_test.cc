#include "analysis/record_times.h"

#include <catch2/catch_test_macros.hpp>

#include "analysis/poll_results.h"

using namespace kafkascope::analysis;
namespace model = kafkascope::model;
using model::RecordTime;

namespace {

constexpr int64_t kDay = 86'400'000;
/// Wall clock in tests; records are from days before and after.
constexpr int64_t kNow = model::kFirstUsableTime + 1000 * kDay;
constexpr size_t kAll = 1000;

const model::Options kEveryMinute{.hold = 1min, .record_times_interval = 1min};
const auto kMetadata = cluster({{"a", 2}, {"b"}});

model::BackgroundResult times(std::chrono::milliseconds when, std::vector<RecordTime> newest,
                              std::vector<RecordTime> oldest = {}) {
  model::BackgroundResult result;
  result.at = at(when);
  result.wall = model::WallTime(std::chrono::milliseconds(kNow));
  result.newest = std::move(newest);
  result.oldest = std::move(oldest);
  return result;
}

PollResult offsets(std::chrono::milliseconds when, std::vector<int64_t> earliest, std::vector<int64_t> latest) {
  auto result = poll(when, kMetadata);
  result.earliest = std::move(earliest);
  result.latest = std::move(latest);
  return result;
}

using Partitions = std::vector<uint32_t>;
Partitions newest_due(const Snapshot& now) {
  uint32_t next = 0;
  return find_partitions_without_newest(now, kAll, next);
}
Partitions oldest_due(const Snapshot& now) {
  uint32_t next = 0;
  return find_partitions_without_oldest(now, kAll, next);
}

using Values = std::vector<Value>;
Values newest(const Snapshot& now) { return record_time_figures(now).newest; }
Values oldest(const Snapshot& now) { return record_time_figures(now).oldest; }

/// All times were read: newest a day ago, oldest three days ago.
Story all_read() {
  Story story(kEveryMinute);
  story.then(poll(0s, kMetadata));
  const int64_t end = 100, start = 0, young = kNow - kDay, old = kNow - 3 * kDay;
  story.add_lookup(times(1s, {{0, end, young}, {1, end, young}, {2, end, young}},
                         {{0, start, old}, {1, start, old}, {2, start, old}}));
  return story;
}

}  // namespace

// ----------------------------------------------------------------------------------------------------------- what is
// due

TEST_CASE("Newest records are requested once, and again if the end offset changes") {
  Story story(kEveryMinute);
  CHECK(newest_due(story.then(poll(0s, kMetadata))) == Partitions{0, 1, 2});
  story.add_lookup(times(1s, {{0, 100, kNow}, {1, 99, kNow}}));
  CHECK(newest_due(story.now()) == Partitions{1, 2});  // one has moved on since the request
  story.add_lookup(times(2s, {{1, 100, kNow}, {2, 100, RecordTime::kNone}}));
  CHECK(newest_due(story.now()).empty());
  CHECK(newest_due(story.then(offsets(15s, {0, 0, 0}, {100, 101, 100}))) == Partitions{1});
  CHECK(newest_due(story.then(offsets(30s, {0, 0, 0}, {90, 100, 100}))) == Partitions{0});  // truncated
}

TEST_CASE("Oldest records are requested once, and again if the start offset changes or compaction may remove some") {
  Story story = all_read();
  CHECK(oldest_due(story.now()).empty());
  CHECK(oldest_due(story.then(offsets(15s, {0, 7, 0}, {200, 200, 200}))) == Partitions{1});
  model::BackgroundResult settings;
  settings.at = at(16s);
  settings.settings_state = {model::ReadState::kOk, model::ReadState::kOk};
  settings.settings = {{"delete"}, {"compact"}};
  story.add_lookup(settings);
  CHECK(oldest_due(story.now()) == Partitions{1, 2});
  story.add_lookup(times(17s, {}, {{1, 7, RecordTime::kNone}, {2, 0, kNow}}));
  CHECK(oldest_due(story.now()) == Partitions{1, 2});  // the first record may have come since
}

TEST_CASE("Oldest records of topics in remote storage are not requested") {
  Story story(kEveryMinute);
  story.then(poll(0s, kMetadata));
  model::BackgroundResult settings;
  settings.at = at(1s);
  settings.settings_state = {model::ReadState::kOk, model::ReadState::kOk};
  settings.settings = {{.cleanup_policy = "delete", .own = {{"remote.storage.enable", "true"}}},
                       {.cleanup_policy = "delete", .own = {{"remote.storage.enable", "false"}}}};
  story.add_lookup(settings);
  CHECK(oldest_due(story.now()) == Partitions{2});
  CHECK(newest_due(story.now()) == Partitions{0, 1, 2});
}

TEST_CASE("Partitions without records are not requested and have no times") {
  Story story = all_read();
  story.then(offsets(15s, {100, 0, 200}, {100, 100, 200}));
  CHECK(newest_due(story.now()).empty());
  CHECK(oldest_due(story.now()).empty());
  CHECK(newest(story.now()) == Values{fresh(kNow - kDay), kUnknown});
  CHECK(oldest(story.now()) == Values{fresh(kNow - 3 * kDay), kUnknown});
}

TEST_CASE("Times are requested again after a failure, and while offsets are not known") {
  Story story = all_read();
  story.add_lookup(times(61s, {{0, 100, RecordTime::kFailed}}, {{1, 0, RecordTime::kFailed}}));
  CHECK(newest_due(story.now()) == Partitions{0});
  CHECK(oldest_due(story.now()) == Partitions{1});
  story.then(offsets(75s, {0, 0, model::kFailedOffset}, {100, 100, model::kFailedOffset}));
  CHECK(newest_due(story.now()) == Partitions{0, 2});
  CHECK(oldest_due(story.now()) == Partitions{1, 2});
}

TEST_CASE("Partitions take turns if there are too many") {
  Story story(kEveryMinute);
  story.then(poll(0s, kMetadata));
  uint32_t next = 0;
  CHECK(find_partitions_without_newest(story.now(), 2, next) == Partitions{0, 1});
  CHECK(find_partitions_without_newest(story.now(), 2, next) == Partitions{0, 2});
  CHECK(find_partitions_without_newest(story.now(), 2, next) == Partitions{1, 2});
  CHECK(find_partitions_without_newest(story.now(), 3, next) == Partitions{0, 1, 2});
}

// --------------------------------------------------------------------------------------------------------------- times

TEST_CASE("A topic's times are the highest and the lowest of its partitions") {
  Story story(kEveryMinute);
  story.then(poll(0s, kMetadata));
  CHECK(newest(story.now()) == Values{kUnknown, kUnknown});
  story.add_lookup(times(1s, {{0, 100, kNow - 5}, {1, 100, kNow - 7}, {2, 100, RecordTime::kNone}},
                         {{0, 0, kNow - 50}, {1, 0, kNow - 70}}));
  CHECK(newest(story.now()) == Values{fresh(kNow - 5), kUnknown});
  CHECK(oldest(story.now()) == Values{fresh(kNow - 70), kUnknown});
}

TEST_CASE("Times of wrong clocks: in the future the time of the request counts, before Kafka none") {
  Story story(kEveryMinute);
  story.then(poll(0s, kMetadata));
  const int64_t future = kNow + kDay, seconds = kNow / 1000;
  story.add_lookup(times(1s, {{0, 100, future}, {2, 100, seconds}}, {{0, 0, future}, {2, 0, 0}}));
  CHECK(newest(story.now()) == Values{fresh(kNow), kUnknown});
  CHECK(oldest(story.now()) == Values{fresh(kNow), kUnknown});
}

TEST_CASE("Times stay fresh until they are requested again, are held after a failure, and expire") {
  Story story = all_read();
  for (auto when = 15s; when < 600s; when += 15s) REQUIRE(newest(story.then(poll(when, kMetadata)))[1].fresh());
  story.add_lookup(times(600s, {{2, 101, RecordTime::kFailed}}, {{2, 0, RecordTime::kFailed}}));
  CHECK(newest(story.now()) == Values{fresh(kNow - kDay), held(kNow - kDay, 600s)});
  CHECK(oldest(story.now()) == Values{fresh(kNow - 3 * kDay), held(kNow - 3 * kDay, 600s)});
  CHECK(newest(story.then(poll(719s, kMetadata)))[1] == held(kNow - kDay, 600s));  // twice the interval
  CHECK(newest(story.then(poll(720s, kMetadata)))[1] == kUnknown);
  CHECK(oldest(story.now())[1] == kUnknown);
  CHECK(newest(story.now())[0] == fresh(kNow - kDay));
}

TEST_CASE("Times are held with the metadata, and expire while the cluster is down") {
  Story story = all_read();
  story.then(silent_poll(15s, story.now()));
  CHECK(newest(story.now())[0] == held(kNow - kDay, 15s));
  for (auto when = 30s; when <= 180s; when += 15s) story.then(silent_poll(when, story.now()));
  CHECK(record_time_figures(story.now()).newest.empty());
  story.then(poll(240s, kMetadata));
  CHECK(newest(story.now()) == Values{kUnknown, kUnknown});
}

TEST_CASE("Times follow their partitions, and a topic that was made again has none") {
  Story story = all_read();
  story.then(poll(15s, cluster({{"0"}, {"a", 2, 'z'}, {"b"}})));
  CHECK(newest(story.now()) == Values{kUnknown, kUnknown, fresh(kNow - kDay)});
  CHECK(newest_due(story.now()) == Partitions{0, 1, 2});
}
