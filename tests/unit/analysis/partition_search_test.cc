#include "analysis/partition_search.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cmath>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace kafkascope::analysis;

namespace {

constexpr int64_t kNow = 1'800'000'000'000;
constexpr int64_t kSecond = 1000, kMinute = 60 * kSecond, kHour = 60 * kMinute, kDay = 24 * kHour;

constexpr int64_t ago(int64_t ms) { return kNow - ms; }

struct Record {
  int64_t offset, timestamp;
};

/// A partition and its time index.
class Log {
 public:
  Log(std::vector<Record> records, int64_t end, bool compacted = false)
      : records_(std::move(records)), end_(end), compacted_(compacted) {
    int64_t largest = -1;
    for (const auto& record : records_) largest_.push_back(largest = std::max(largest, record.timestamp));
  }

  /// Returns offset and timestamp as a broker responds.
  std::pair<int64_t, int64_t> first_from(int64_t timestamp) const {
    const auto at = std::lower_bound(largest_.begin(), largest_.end(), timestamp) - largest_.begin();
    if (at == std::ssize(largest_)) return {-1, -1};
    return {records_[at].offset, records_[at].timestamp};
  }

  /// Returns when the first record at or above `offset` was appended, as far as the time index has it.
  int64_t appended(int64_t offset) const {
    const auto at = std::lower_bound(records_.begin(), records_.end(), offset,
                                     [](const Record& record, int64_t value) { return record.offset < value; });
    return largest_[static_cast<size_t>(at - records_.begin())];
  }

  int64_t begin() const { return records_.front().offset; }
  int64_t end() const { return end_; }
  bool compacted() const { return compacted_; }
  const std::vector<Record>& records() const { return records_; }

 private:
  std::vector<Record> records_;
  std::vector<int64_t> largest_;
  int64_t end_;
  bool compacted_;
};

using Results = std::map<int64_t, std::optional<int64_t>>;

/// Asks until all results are available or `most` rounds are over. Returns the number of rounds.
int search(const Log& log, const std::vector<int64_t>& offsets, int most, Results& results) {
  PartitionSearch search;
  search.want(offsets, log.end(), kNow, log.compacted());
  int rounds = 0;
  while (true) {
    for (const auto& [offset, ms] : search.take_results()) results.emplace(offset, ms);
    if (search.done() || rounds == most) return rounds;
    ++rounds;
    const int64_t asked = search.next_timestamp();
    REQUIRE(asked >= 0);
    REQUIRE(asked <= kNow);
    const auto [offset, timestamp] = log.first_from(asked);
    search.add_answer(asked, offset, timestamp);
  }
}

using Random = std::mt19937_64;

double uniform(Random& random) { return std::uniform_real_distribution<>(0, 1)(random); }
double exponential(Random& random, double mean) { return std::exponential_distribution<>(1 / mean)(random); }

Log log_of(std::vector<int64_t> ages) {
  std::sort(ages.rbegin(), ages.rend());
  std::vector<Record> records;
  int64_t offset = 1000;
  for (const int64_t age : ages) records.push_back({offset++, ago(age)});
  return Log(std::move(records), offset);
}

Log with(const Log& log, bool compacted, const std::function<bool(Record&)>& change) {
  std::vector<Record> records;
  for (Record record : log.records())
    if (change(record)) records.push_back(record);
  return Log(std::move(records), log.end(), compacted);
}

Log evenly(int64_t oldest, int64_t youngest, int64_t spacing) {
  std::vector<int64_t> ages;
  for (int64_t age = youngest; age <= oldest; age += spacing) ages.push_back(age);
  return log_of(std::move(ages));
}

Log at_random(Random& random, int64_t oldest, double spacing) {
  std::vector<int64_t> ages;
  for (double age = 0; age <= static_cast<double>(oldest); age += exponential(random, spacing))
    ages.push_back(std::llround(age));
  return log_of(std::move(ages));
}

Log bursts(const std::vector<int64_t>& begins, int records, int64_t spacing) {
  std::vector<int64_t> ages;
  for (const int64_t begin : begins)
    for (int i = 0; i < records; ++i) ages.push_back(begin - i * spacing);
  return log_of(std::move(ages));
}

std::vector<int64_t> every(int64_t oldest, int64_t youngest, int64_t step) {
  std::vector<int64_t> ages;
  for (int64_t age = youngest; age <= oldest; age += step) ages.push_back(age);
  return ages;
}

struct Shape {
  std::string what;
  std::function<Log(Random&)> make;
  double left = 0;  ///< Part of 100 offsets that may be left after 40 rounds.
};

const Shape kShapes[] = {
    {"evenly, one hour", [](Random&) { return evenly(kHour, 0, kSecond); }},
    {"evenly, a week", [](Random&) { return evenly(7 * kDay, 0, 10 * kSecond); }},
    {"evenly, ended an hour ago", [](Random&) { return evenly(3 * kHour, kHour, kSecond); }},
    {"at random, a day", [](Random& r) { return at_random(r, kDay, 1000); }},
    {"all one hour old", [](Random&) { return bursts({kHour}, 600, 0); }},
    {"a single record", [](Random&) { return bursts({kHour}, 1, 0); }},
    {"bursts of 600 with equal timestamps", [](Random&) { return bursts(every(kHour, 0, 6 * kMinute), 600, 0); }},
    {"24 bursts in a day", [](Random&) { return bursts(every(kDay, kHour / 2, kHour), 600, 0); }, 0.1},
    {"bursts and silences",
     [](Random&) {
       return bursts({kDay, 2 * kHour, 10 * kMinute, kMinute}, 100, 10);
     }},
    {"gaps of hours",
     [](Random&) {
       std::vector<int64_t> ages;
       for (const int64_t begin : {30 * kHour, 20 * kHour, 9 * kHour, 2 * kHour})
         for (int64_t i = 0; i < 30 * kMinute; i += kSecond) ages.push_back(begin - i);
       return log_of(std::move(ages));
     }},
    {"half of it deleted",
     [](Random&) {
       const Log all = evenly(2 * kHour, 0, kSecond);
       return with(all, false, [&](const Record& x) { return x.timestamp >= ago(kHour); });
     }},
    {"timestamps that go backwards",
     [](Random&) {
       return with(evenly(2 * kHour, 0, kSecond), false, [](Record& x) {
         x.timestamp -= (x.offset % 7) * 20 * kSecond;
         return true;
       });
     },
     0.01},
    {"one clock an hour behind",
     [](Random& r) {
       return with(at_random(r, kDay, 1000), false, [&](Record& x) {
         if (uniform(r) < 0.5) x.timestamp -= kHour;
         return true;
       });
     },
     0.01},
    {"many without a clock",
     [](Random& r) {
       return with(at_random(r, kDay, 1000), false, [&](Record& x) {
         if (uniform(r) < 0.3) x.timestamp = uniform(r) < 0.5 ? 0 : -1;
         return true;
       });
     },
     0.01},
    {"compacted, but for its head",
     [](Random& r) {
       return with(at_random(r, 30 * kDay, 10000), true,
                   [&](const Record& x) { return x.timestamp > ago(3 * kDay) || uniform(r) < 0.01; });
     }},
    {"days and nights",
     [](Random& r) {
       std::vector<int64_t> ages;
       for (double t = 0; t < 7. * kDay;) {
         t += exponential(r, 20000 * std::exp(2.5 * std::sin(t / kDay * 6.283)));
         ages.push_back(std::llround(t));
       }
       return log_of(std::move(ages));
     },
     0.05},
    {"rates that differ by orders of magnitude",
     [](Random& r) {
       std::vector<int64_t> ages;
       for (double t = 0; t < 30. * kDay;) {
         t += exponential(r, t < 600 * kSecond ? 50 : t < kDay ? 20000 : t < kDay + kHour ? 200 : 600000);
         ages.push_back(std::llround(t));
       }
       return log_of(std::move(ages));
     },
     0.35},
};

/// Evenly by offset, at random, and near the end.
std::vector<int64_t> some_offsets(const Log& log, size_t count, Random& random) {
  std::vector<int64_t> offsets;
  const int64_t records = log.end() - log.begin();
  for (size_t i = 0; i < count; ++i)
    offsets.push_back(log.begin() + static_cast<int64_t>(uniform(random) * static_cast<double>(records)));
  std::sort(offsets.begin(), offsets.end());
  offsets.erase(std::unique(offsets.begin(), offsets.end()), offsets.end());
  return offsets;
}

bool is_near(int64_t found, int64_t appended) {
  const double age = static_cast<double>(kNow - appended);
  return static_cast<double>(std::abs(found - appended)) <= std::max(5. * kSecond, 0.05 * age);
}

}  // namespace

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kLogs = 2;  // where 20 take minutes; too few for shares
#else
constexpr int kLogs = 20;
#endif

TEST_CASE("Append times at many offsets are correct and found in at most 40 rounds") {
  for (const auto& shape : kShapes)
    for (const size_t count : {1u, 5u, 20u, 100u}) {
      Random random(7);
      int most = 0;
      size_t wrong = 0, left = 0, all = 0;
      double worst = 0;
      for (int i = 0; i < kLogs; ++i) {
        const Log log = shape.make(random);
        const auto offsets = some_offsets(log, count, random);
        Results results;
        most = std::max(most, search(log, offsets, 40, results));
        all += offsets.size();
        left += offsets.size() - results.size();
        for (const auto& [offset, ms] : results) {
          REQUIRE(ms);
          const int64_t appended = log.appended(offset);
          if (!is_near(*ms, appended)) ++wrong;
          worst = std::max(worst, std::abs(static_cast<double>(*ms - appended)) /
                                      static_cast<double>(kNow - appended + 100 * kSecond));
        }
      }
      INFO(shape.what << ", " << count << " offsets: " << most << " rounds at most, wrong " << wrong << ", not found "
                      << left << " of " << all << ", off by " << worst << " at most");
      if (kLogs >= 20) CHECK(static_cast<double>(wrong) <= 0.006 * static_cast<double>(all));
      CHECK(worst <= 0.1);
      // If the rate changes every few records, a hundred offsets need more rounds.
      const double share = count <= 5 ? 0 : count == 20 ? std::min(0.1, shape.left) : shape.left;
      if (kLogs >= 20) CHECK(static_cast<double>(left) <= share * static_cast<double>(all));
    }
}

TEST_CASE("Small logs") {
  struct Row {
    const char* what;
    std::vector<Record> records;
    int64_t end, offset;
    bool compacted;
    std::optional<int64_t> appended;
    int rounds;
  };
  const std::vector<Record> three = {{10, ago(kDay)}, {11, ago(kHour)}, {12, ago(kSecond)}};
  const Row row = GENERATE_COPY(values<Row>({
      {"nothing is waiting", three, 13, 13, false, std::nullopt, 0},
      {"the oldest", three, 13, 10, false, ago(kDay), 1},
      {"deleted: the oldest that is left", three, 13, 2, false, ago(kDay), 1},
      {"the one in the middle", three, 13, 11, false, ago(kHour), 8},
      {"the last", three, 13, 12, false, ago(kSecond), 10},
      {"an empty log", {}, 13, 12, false, std::nullopt, 1},
      {"compacted: the next one", {{10, ago(kDay)}, {20, ago(kHour)}, {30, 0}}, 31, 15, true, ago(kHour), 16},
      {"compacted: it is there", {{10, ago(kDay)}, {15, ago(kHour)}, {30, 0}}, 31, 15, true, ago(kHour), 16},
      {"compacted, and all up to the end are gone", {{10, ago(kDay)}}, 31, 15, true, ago(kDay), 20},
      {"no timestamps", {{10, -1}, {11, -1}}, 12, 11, false, std::nullopt, 1},
      {"a clock that stands at 0", {{10, 0}, {11, 0}}, 12, 11, false, std::nullopt, 1},
      {"its clock went back by a year",
       {{10, ago(kHour)}, {11, ago(365 * kDay)}, {12, ago(9)}},
       13,
       11,
       false,
       ago(kHour),
       16},
      {"it claims to be from the future", {{10, ago(kHour)}, {11, kNow + kHour}}, 12, 11, false, std::nullopt, 16},
      {"the oldest does", {{10, kNow + kHour}, {11, ago(kHour)}}, 12, 10, false, std::nullopt, 1},
      {"one after it does", {{10, ago(kDay)}, {11, ago(kHour)}, {12, kNow + kHour}}, 13, 11, false, ago(kHour), 16},
      {"the end of time", {{10, ago(kDay)}, {11, INT64_MAX}}, 12, 11, false, std::nullopt, 16},
      {"its clock is ahead of ours by a little", {{10, ago(kHour)}, {11, kNow + 2 * kSecond}}, 12, 11, false, kNow, 16},
  }));
  INFO(row.what);
  Results results;
  const int rounds = search(Log(row.records, row.end, row.compacted), {row.offset}, 40, results);
  CHECK(rounds <= row.rounds);
  REQUIRE(results.size() == 1);
  const auto& found = results.begin()->second;
  REQUIRE(found.has_value() == row.appended.has_value());
  if (found) CHECK(is_near(*found, *row.appended));
}

TEST_CASE("Earlier answers are used for new offsets") {
  PartitionSearch search;
  const Log log = bursts({kHour}, 600, 0);
  search.want({log.begin() + 300}, log.end(), kNow, false);
  while (!search.done()) {
    const int64_t asked = search.next_timestamp();
    const auto [offset, timestamp] = log.first_from(asked);
    search.add_answer(asked, offset, timestamp);
  }
  search.want({log.begin() + 100, log.begin() + 599}, log.end(), kNow, false);
  CHECK(search.done());
  CHECK(search.take_results().size() == 3);
}

TEST_CASE("A search ends with plausible results for any answers") {
  Random random(42);
  const int64_t times[] = {-1, 0, 1, ago(100 * 365 * kDay), ago(kDay), ago(1), kNow, kNow + 1, kNow + kDay, INT64_MAX};
  const int64_t offsets[] = {INT64_MIN, -1, 0, 499, 500, 501, 999, 1000, 5000, INT64_MAX};
  for (int i = 0; i < 5000; ++i) {
    PartitionSearch search;
    search.want({100, 500, 900}, 1000, kNow, i % 2 == 0);
    int rounds = 0;
    while (!search.done()) {
      REQUIRE(++rounds <= 1000);
      const int64_t asked = search.next_timestamp();
      REQUIRE(asked >= 0);
      REQUIRE(asked <= kNow);
      const bool likely = uniform(random) < 0.7;
      search.add_answer(
          asked, likely ? static_cast<int64_t>(uniform(random) * 1000) : offsets[random() % std::size(offsets)],
          likely ? asked + static_cast<int64_t>(exponential(random, kHour)) : times[random() % std::size(times)]);
    }
    for (const auto& [offset, ms] : search.take_results()) {
      if (!ms) continue;
      REQUIRE(*ms <= kNow);
      REQUIRE(*ms >= ago(30 * 365 * kDay));
    }
  }
}
