#include "cluster/timestamp_lookup.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cstdlib>
#include <map>
#include <vector>

using namespace kafkascope;
using namespace std::chrono_literals;
using cluster::look_up_timestamps;
using cluster::Searches;
using kafka::TimedOffset;
using kafka::WantedOffset;
using model::RecordPosition;
using model::TimestampQuery;

namespace {

constexpr model::Time kNow{10h};
constexpr int64_t kNowMs = 1'790'000'000'000;  // in 2026
constexpr int64_t kHourMs = 3'600'000;
const model::WallTime kWall{std::chrono::milliseconds(kNowMs)};

/// Brokers whose partitions hold records of these timestamps, from offset 0 on; and the requests that they got.
struct Index {
  std::map<uint32_t, std::vector<int64_t>> times;
  std::vector<std::vector<uint32_t>> rounds = {};  ///< The partitions of each request.

  std::vector<TimedOffset> answer(std::span<const WantedOffset> questions) {
    auto& round = rounds.emplace_back();
    std::vector<TimedOffset> answers;
    for (const auto& [partition, timestamp] : questions) {
      round.push_back(partition);
      const auto log = times.find(partition);
      if (log == times.end()) continue;  // the request failed
      const auto first =
          std::find_if(log->second.begin(), log->second.end(), [&](int64_t time) { return time >= timestamp; });
      if (first == log->second.end())
        answers.push_back({partition, -1, -1});
      else
        answers.push_back({partition, first - log->second.begin(), *first});
    }
    return answers;
  }
};

using Found = std::map<RecordPosition, std::optional<model::Time>>;

Found find(Index& index, const std::vector<TimestampQuery>& wanted, int rounds = 27, Searches searches = {}) {
  const auto found = look_up_timestamps(wanted, rounds, kNow, kWall, searches, [&](auto questions) {
                       return index.answer(questions);
                     }).found;
  Found once(found.begin(), found.end());
  CHECK(once.size() == found.size());
  return once;
}

/// Age in milliseconds; -1: unknown.
int64_t age_ms(const Found& found, RecordPosition record) {
  const auto& time = found.at(record);
  return time ? std::chrono::duration_cast<std::chrono::milliseconds>(kNow - *time).count() : -1;
}

/// Records that came one a second, the last of them now.
std::vector<int64_t> one_a_second(int64_t records) {
  std::vector<int64_t> times;
  for (int64_t i = 0; i < records; ++i) times.push_back(kNowMs - (records - 1 - i) * 1000);
  return times;
}

/// Records of ten years, each far older than the one after it, so that no guess from one to the next is any good.
std::vector<int64_t> ever_denser() {
  std::vector<int64_t> times;
  for (int64_t age = 10 * 365 * 24 * kHourMs; age > 1000; age = age * 7 / 10) times.push_back(kNowMs - age);
  return times;
}

}  // namespace

TEST_CASE("Nothing that is wanted asks nothing") {
  Index index{{}};
  CHECK(find(index, {}).empty());
  CHECK(index.rounds.empty());
}

TEST_CASE("A record's append time is found by the brokers' time index, on our own clock") {
  Index index{{{3, one_a_second(7200)}}};
  const auto found = find(index, {{{3, 3599}, 7200, false}});
  REQUIRE(found.size() == 1);
  CHECK(std::abs(age_ms(found, {3, 3599}) - kHourMs) <= 5000);
}

TEST_CASE("The oldest record is found in one round") {
  Index index{{{0, one_a_second(100)}}};
  CHECK(age_ms(find(index, {{{0, 0}, 100, false}}), {0, 0}) == 99'000);
  CHECK(index.rounds.size() == 1);
}

TEST_CASE("All partitions are asked together, and each once a round, whatever is wanted of it") {
  Index index{{{0, one_a_second(7200)}, {5, one_a_second(3600)}}};
  const auto found = find(index, {{{5, 0}, 3600, false}, {{0, 0}, 7200, false}, {{0, 3599}, 7200, false}});
  CHECK(found.size() == 3);
  CHECK(age_ms(found, {5, 0}) == 3599 * 1000);
  CHECK(age_ms(found, {0, 0}) == 7199 * 1000);
  CHECK(std::abs(age_ms(found, {0, 3599}) - kHourMs) <= 5000);
  CHECK(index.rounds.at(0) == std::vector<uint32_t>{0, 5});
  for (const auto& round : index.rounds) {
    auto once = round;
    std::sort(once.begin(), once.end());
    CHECK(std::unique(once.begin(), once.end()) == once.end());
    CHECK(round == once);
  }
}

TEST_CASE("A record that is not there yet is not looked for") {
  Index index{{{0, one_a_second(10)}}};
  CHECK(find(index, {{{0, 10}, 10, false}}).empty());
  CHECK(index.rounds.empty());
}

TEST_CASE("A partition that cannot be asked is left out, and the others are found") {
  Index index{{{0, one_a_second(7200)}}};
  const auto found = find(index, {{{0, 3599}, 7200, false}, {{1, 3599}, 7200, false}});
  CHECK(found.size() == 1);
  CHECK(found.contains({0, 3599}));
}

TEST_CASE("Brokers that answer nothing are asked once") {
  Index index{{}};
  CHECK(find(index, {{{0, 1}, 10, false}, {{1, 1}, 10, false}}).empty());
  CHECK(index.rounds.size() == 1);
}

TEST_CASE("Records without a sane timestamp cannot be told, which is an answer, too") {
  Index index{{{0, {-1, -1, -1}}, {1, {kNowMs + kHourMs, kNowMs + kHourMs}}}};
  const auto found = find(index, {{{0, 1}, 3, false}, {{1, 0}, 2, false}});
  CHECK(age_ms(found, {0, 1}) == -1);
  CHECK(age_ms(found, {1, 0}) == -1);
}

TEST_CASE("No record is younger than now") {
  Index index{{{0, {kNowMs + 2000, kNowMs + 2000}}}};  // a clock that is a little ahead
  CHECK(age_ms(find(index, {{{0, 0}, 2, false}}), {0, 0}) == 0);
}

TEST_CASE("There are few rounds; what they did not find is looked for in the next poll, until all are right") {
  const auto times = ever_denser();
  const auto end = static_cast<int64_t>(times.size());
  std::vector<TimestampQuery> wanted;
  for (int64_t offset = 1; offset < end; ++offset) wanted.push_back({{0, offset}, end, false});
  Searches searches;
  Found found;
  for (int poll = 0; poll < 100 && !wanted.empty(); ++poll) {
    Index index{{{0, times}}};
    for (const auto& [record, time] : look_up_timestamps(wanted, 9, kNow, kWall, searches, [&](auto questions) {
                                        return index.answer(questions);
                                      }).found)
      found.emplace(record, time);
    CHECK(index.rounds.size() <= 9);
    std::erase_if(wanted, [&](const TimestampQuery& age) { return found.contains(age.record); });
  }
  CHECK(wanted.empty());
  for (const auto& [record, time] : found) {
    INFO(record.offset);
    REQUIRE(time);
    const int64_t age = kNowMs - times.at(static_cast<size_t>(record.offset));
    CHECK(std::abs(age_ms(found, record) - age) <= std::max<int64_t>(5000, age / 20));
    CHECK(*time <= kNow);
  }
}

TEST_CASE(
    "Groups far behind and near the end of an idle partition are all told right, in three polls of three brokers") {
  std::vector<int64_t> times;
  for (int64_t i = 0; i < 500; ++i) times.push_back(kNowMs - 45'500 - (499 - i) * 2000);
  std::vector<TimestampQuery> wanted;
  for (const int64_t offset : {0, 1, 100, 250, 499}) wanted.push_back({{0, offset}, 500, false});
  Searches searches;
  Found found;
  for (int poll = 0; poll < 3; ++poll) {
    Index index{{{0, times}}};
    for (const auto& [record, time] : look_up_timestamps(wanted, 9, kNow, kWall, searches, [&](auto questions) {
                                        return index.answer(questions);
                                      }).found)
      found.emplace(record, time);
    std::erase_if(wanted, [&](const TimestampQuery& age) { return found.contains(age.record); });
  }
  CHECK(found.size() == 5);
  for (const auto& [record, time] : found) {
    INFO(record.offset);
    CHECK(std::abs(age_ms(found, record) - (kNowMs - times.at(static_cast<size_t>(record.offset)))) <= 5000);
  }
}

TEST_CASE("What was not looked for long enough is left out, for a first guess may be far off") {
  const auto times = ever_denser();
  const auto end = static_cast<int64_t>(times.size());
  Index index{{{0, times}}};
  CHECK(find(index, {{{0, end / 2}, end, false}}, 2).empty());
  CHECK(index.rounds.size() == 2);
  CHECK(find(index, {{{0, end / 2}, end, false}}, 0).empty());
  CHECK(index.rounds.size() == 2);
}

TEST_CASE("Answers about partitions that nobody asked for, and answers told twice, do no harm") {
  Index index{{{0, one_a_second(7200)}}};
  Searches searches;
  const auto found = look_up_timestamps(std::vector<TimestampQuery>{{{0, 0}, 7200, false}}, 27, kNow, kWall, searches,
                                        [&](auto questions) {
                                          auto answers = index.answer(questions);
                                          answers.push_back({9, 5, 5});
                                          answers.push_back(answers.front());
                                          return answers;
                                        })
                         .found;
  REQUIRE(found.size() == 1);
  CHECK(found[0].first == RecordPosition{0, 0});
}

TEST_CASE("A thousand and 20,000 records of 200 partitions are found in 40 rounds, all partitions in each request") {
  const size_t per_partition = GENERATE(5, 100);
  Index index{{}};
  std::vector<TimestampQuery> wanted;
  for (uint32_t partition = 0; partition < 200; ++partition) {
    std::vector<int64_t>& times = index.times[partition];
    for (int64_t i = 0; i < 300; ++i) {
      const int64_t age[] = {12'000 * (299 - i), kHourMs + 12'000 * (299 - i), kHourMs - 600'000 * (i / 50), kHourMs,
                             20 * kHourMs - 6 * kHourMs * (i / 100) - 1000 * i};
      times.push_back(kNowMs - age[partition % std::size(age)]);
    }
    for (size_t i = 0; i < per_partition; ++i)
      wanted.push_back({{partition, static_cast<int64_t>((i * 300 + partition) / per_partition % 300)}, 300, false});
  }
  const auto found = find(index, wanted, 40);
  CHECK(found.size() == 200 * per_partition);
  CHECK(index.rounds.size() <= 40);
  for (const auto& [record, time] : found) {
    const int64_t age = kNowMs - index.times[record.partition][static_cast<size_t>(record.offset)];
    CHECK(std::abs(age_ms(found, record) - age) <= std::max<int64_t>(5000, age / 20));
  }
}

TEST_CASE("The rounds that were asked are counted") {
  Index index{{{0, one_a_second(7200)}}};
  Searches searches;
  const auto lookup = look_up_timestamps(std::vector<TimestampQuery>{{{0, 3599}, 7200, false}}, 2, kNow, kWall,
                                         searches, [&](auto questions) { return index.answer(questions); });
  CHECK(lookup.rounds == 2);
  CHECK(lookup.found.empty());
  CHECK(searches.size() == 1);
}
