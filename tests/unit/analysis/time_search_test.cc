#include "analysis/time_search.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cmath>
#include <functional>
#include <random>
#include <utility>
#include <vector>

using namespace kafkascope::analysis;

namespace {

constexpr int64_t kNow = 1'800'000'000'000;
constexpr int64_t kSecond = 1000, kHour = 3600 * kSecond, kDay = 24 * kHour;

struct Record {
  int64_t offset;
  int64_t timestamp;
  int64_t appended = timestamp;
};

/// A partition and its time index.
class Log {
 public:
  Log(std::vector<Record> records, int64_t end) : records_(std::move(records)), end_(end) {
    int64_t largest = -1;
    for (const auto& record : records_) largest_.push_back(largest = std::max(largest, record.timestamp));
  }

  /// As a broker answers.
  std::pair<int64_t, int64_t> first_from(int64_t timestamp) const {
    const auto at = std::lower_bound(largest_.begin(), largest_.end(), timestamp) - largest_.begin();
    if (at == std::ssize(largest_)) return {-1, -1};
    return {records_[at].offset, records_[at].timestamp};
  }

  /// The oldest record that one who has committed `offset` has not read.
  const Record& next(int64_t offset) const {
    return *std::lower_bound(records_.begin(), records_.end(), offset,
                             [](const Record& record, int64_t value) { return record.offset < value; });
  }

  const std::vector<Record>& records() const { return records_; }
  int64_t end() const { return end_; }

 private:
  std::vector<Record> records_;
  std::vector<int64_t> largest_;
  int64_t end_;
};

TimeSearch search(const Log& log, int64_t offset, bool compacted = false) {
  TimeSearch search(offset, log.end(), kNow, compacted);
  while (!search.done()) {
    const auto [answered, timestamp] = log.first_from(search.next_timestamp());
    search.narrow(answered, timestamp);
    REQUIRE(search.rounds() <= TimeSearch::kMaxRounds);
    if (const auto best = search.best_ms()) REQUIRE(*best <= kNow);
  }
  return search;
}

constexpr int64_t ago(int64_t ms) { return kNow - ms; }

}  // namespace

TEST_CASE("When a record was appended, from a small log") {
  struct Row {
    const char* what;
    std::vector<Record> records;
    int64_t end;
    int64_t offset;
    bool compacted;
    std::optional<int64_t> appended;  ///< To a second or a thousandth of its age.
    int rounds;
  };
  const std::vector<Record> three = {{10, ago(kDay)}, {11, ago(kHour)}, {12, ago(kSecond)}};
  const Row row = GENERATE_COPY(values<Row>({
      {"nothing is waiting", three, 13, 13, false, std::nullopt, 0},
      {"the oldest", three, 13, 10, false, ago(kDay), 1},
      {"deleted: the oldest that is left", three, 13, 2, false, ago(kDay), 1},
      {"the one in the middle", three, 13, 11, false, ago(kHour), 2},
      {"the last", three, 13, 12, false, ago(kSecond), 3},
      {"an empty log", {}, 13, 12, false, std::nullopt, 1},
      {"compacted: the next one", {{10, ago(kDay)}, {20, ago(kHour)}, {30, 0}}, 31, 15, true, ago(kHour), 16},
      {"compacted: it is there", {{10, ago(kDay)}, {15, ago(kHour)}, {30, 0}}, 31, 15, true, ago(kHour), 16},
      {"compacted, and all up to the end are gone", {{10, ago(kDay)}}, 31, 15, true, ago(kDay), 16},
      {"a batch of one timestamp",
       {{10, ago(kDay)}, {11, ago(kHour)}, {12, ago(kHour)}, {13, ago(kHour)}, {14, ago(9)}},
       15,
       12,
       false,
       ago(kHour),
       16},
      {"all of one timestamp", {{10, ago(kHour)}, {11, ago(kHour)}, {12, ago(kHour)}}, 13, 12, false, ago(kHour), 16},

      {"no timestamps", {{10, -1}, {11, -1}}, 12, 11, false, std::nullopt, 1},
      {"a clock that stands at 0", {{10, 0}, {11, 0}}, 12, 11, false, std::nullopt, 1},
      {"and works later", {{10, 0}, {11, 0}, {12, ago(kHour)}}, 13, 11, false, ago(kHour), 1},
      {"it has no timestamp, but those around it have",
       {{10, ago(kHour)}, {11, -1}, {12, ago(kHour - 2 * kSecond)}},
       13,
       11,
       false,
       ago(kHour),
       16},
      {"its clock went back by a year",
       {{10, ago(kHour)}, {11, ago(365 * kDay)}, {12, ago(9)}},
       13,
       11,
       false,
       ago(kHour),
       16},
      {"it claims to be from the future", {{10, ago(kHour)}, {11, kNow + kHour}}, 12, 11, false, std::nullopt, 16},
      {"the oldest does", {{10, kNow + kHour}, {11, ago(kHour)}}, 12, 10, false, std::nullopt, 1},
      {"one before it does", {{10, kNow + kHour}, {11, ago(kHour)}}, 12, 11, false, std::nullopt, 1},
      {"one before it does, and is not the oldest",
       {{9, ago(kDay)}, {10, kNow + kHour}, {11, ago(kHour)}},
       12,
       11,
       false,
       std::nullopt,
       16},
      {"one after it does", {{10, ago(kDay)}, {11, ago(kHour)}, {12, kNow + kHour}}, 13, 11, false, ago(kHour), 16},
      {"the end of time", {{10, ago(kDay)}, {11, INT64_MAX}}, 12, 11, false, std::nullopt, 16},
      {"the end of time, after it",
       {{10, ago(kDay)}, {11, ago(kHour)}, {12, INT64_MAX}},
       13,
       11,
       false,
       ago(kHour),
       16},
      {"its clock is ahead of ours by a little", {{10, ago(kHour)}, {11, kNow + 2 * kSecond}}, 12, 11, false, kNow, 16},
      {"ours is behind everybody's by a little",
       {{10, kNow + kSecond}, {11, kNow + 2 * kSecond}},
       12,
       11,
       false,
       kNow,
       16},
  }));
  INFO(row.what);
  const TimeSearch found = search(Log(row.records, row.end), row.offset, row.compacted);
  CHECK(found.rounds() <= row.rounds);
  REQUIRE(found.result_ms().has_value() == row.appended.has_value());
  if (row.appended) {
    const int64_t off = std::max(kSecond, (kNow - *row.appended) / 1000);
    CHECK(*found.result_ms() >= *row.appended - off);
    CHECK(*found.result_ms() <= std::min(kNow, *row.appended + off));
  }
}

TEST_CASE("While it goes on, there is a guess, and no result") {
  TimeSearch search(50, 100, kNow, false);
  CHECK(search.offset() == 50);
  CHECK_FALSE(search.done());
  CHECK(search.best_ms() == std::nullopt);
  search.narrow(0, ago(kDay));
  CHECK_FALSE(search.done());
  CHECK(search.result_ms() == std::nullopt);
  CHECK(std::abs(*search.best_ms() - ago(kDay / 2)) < kSecond);
  search.narrow(50, ago(kHour));
  CHECK(search.done());
  CHECK(search.result_ms() == ago(kHour));
  CHECK(search.best_ms() == ago(kHour));
  search.narrow(60, ago(kSecond));  // an answer too many
  CHECK(search.result_ms() == ago(kHour));
  CHECK(search.rounds() == 2);
}

// ------------------------------------------------------------------------------------------------------- large logs

namespace {

using Random = std::mt19937_64;

double exponential(Random& random, double mean) { return std::exponential_distribution<>(1 / mean)(random); }
double uniform(Random& random) { return std::uniform_real_distribution<>(0, 1)(random); }

/// Of records that were appended so many milliseconds ago.
Log log_of(std::vector<double> ages) {
  std::sort(ages.rbegin(), ages.rend());
  std::vector<Record> records;
  int64_t offset = 1000;
  for (const double age : ages) records.push_back({offset++, kNow - std::llround(age)});
  return Log(std::move(records), offset);
}

/// `milliseconds` between two records, at an age.
Log evenly(Random& random, double age, const std::function<double(double age)>& milliseconds) {
  std::vector<double> ages;
  for (double t = 0; t < age; t += exponential(random, milliseconds(t))) ages.push_back(t);
  return log_of(std::move(ages));
}

Log in_bursts(Random& random) {
  std::vector<double> ages;
  for (double t = 0; t < kDay;) {
    t += 5 * kSecond / (uniform(random) + 1e-4);
    for (double n = std::min(3000.0, 5 / (uniform(random) + 1e-4)); n > 0; --n)
      ages.push_back(t += exponential(random, 5));
  }
  return log_of(std::move(ages));
}

Log in_batches(Random& random) {
  std::vector<double> ages;
  for (double t = uniform(random) * 600 * kSecond; t < 7 * kDay; t += 600 * kSecond)
    for (int i = 0; i < 100; ++i) ages.push_back(t + exponential(random, 20));
  return log_of(std::move(ages));
}

Log mostly_idle(Random& random) {
  std::vector<double> ages;
  double t = uniform(random) * kDay;
  for (int i = 0; i < 20; ++i, t += exponential(random, 1.5 * kDay))
    for (const double until = t + exponential(random, 600 * kSecond); t < until; t += exponential(random, 100))
      ages.push_back(t);
  return log_of(std::move(ages));
}

/// The same with other records.
Log with(const Log& log, const std::function<bool(Record&)>& change) {
  std::vector<Record> records;
  for (Record record : log.records())
    if (change(record)) records.push_back(record);
  return Log(std::move(records), log.end());
}

struct Kind {
  const char* what;
  std::function<Log(Random&)> make;
  bool compacted;
  double rounds;  ///< On average at most.
  double off;     ///< 99 % are right to 5 s and this share of the age.
};

const Kind kKinds[] = {
    {"20 a second", [](Random& r) { return evenly(r, 3 * kHour, [](double) { return 50; }); }, false, 5, 0.001},
    {"1 a second", [](Random& r) { return evenly(r, kDay, [](double) { return 1000; }); }, false, 5, 0.001},
    {"a month of days and nights",
     [](Random& r) {
       return evenly(r, 30 * kDay, [](double t) { return 20000 * std::exp(2.5 * std::sin(t / kDay * 6.283)); });
     },
     false, 8, 0.01},
    {"rates that differ by orders of magnitude",
     [](Random& r) {
       return evenly(r, 60 * kDay, [](double t) {
         return t < 600 * kSecond ? 5 : t < kDay ? 20000 : t < kDay + kHour ? 20 : 600000;
       });
     },
     false, 13, 0.1},
    {"bursts", in_bursts, false, 9, 0.01},
    {"a batch every ten minutes", in_batches, false, 5, 0.005},
    {"idle for days", mostly_idle, false, 10, 0.02},
    {"compacted, but for its head",
     [](Random& r) {
       const Log all = evenly(r, 30 * kDay, [](double) { return 10000; });
       return with(all, [&](const Record& x) { return x.appended > ago(3 * kDay) || uniform(r) < 0.05; });
     },
     true, 6, 0.01},
    {"clocks that differ by seconds",
     [](Random& r) {
       return with(evenly(r, kDay, [](double) { return 1000; }), [&](Record& x) {
         x.timestamp += std::llround((uniform(r) - 0.5) * 8 * kSecond);
         return true;
       });
     },
     false, 6, 0.001},
    {"many without a clock",
     [](Random& r) {
       return with(evenly(r, kDay, [](double) { return 1000; }), [&](Record& x) {
         if (uniform(r) < 0.3) x.timestamp = uniform(r) < 0.5 ? 0 : -1;
         return true;
       });
     },
     false, 7, 0.001},
};

}  // namespace

TEST_CASE("When records of large logs were appended: right, and in few rounds") {
  for (const auto& kind : kKinds) {
    Random random(40);
    std::vector<double> off;
    int rounds = 0, most = 0;
    for (int i = 0; i < 5; ++i) {
      const Log log = kind.make(random);
      const auto& records = log.records();
      const double oldest = static_cast<double>(kNow - records.front().appended);
      for (int j = 0; j < 200; ++j) {
        // Evenly by offset, and evenly by the logarithm of the age.
        int64_t offset =
            records.front().offset +
            static_cast<int64_t>(uniform(random) * static_cast<double>(log.end() - records.front().offset));
        if (j % 2 == 0) {
          const int64_t since = kNow - std::llround(std::pow(oldest, uniform(random)));
          const auto at = std::lower_bound(records.begin(), records.end(), since,
                                           [](const Record& record, int64_t time) { return record.appended < time; });
          if (at == records.end()) continue;
          offset = at->offset;
        }
        const TimeSearch found = search(log, offset, kind.compacted);
        REQUIRE(found.result_ms().has_value());
        const auto age = static_cast<double>(kNow - log.next(offset).appended);
        const auto error = static_cast<double>(std::abs(*found.result_ms() - log.next(offset).appended));
        off.push_back((error - 5 * kSecond) / (age + 1));
        rounds += found.rounds();
        most = std::max(most, found.rounds());
      }
    }
    std::sort(off.begin(), off.end());
    const double mean = rounds / static_cast<double>(off.size());
    INFO(kind.what << ": " << mean << " rounds on average, " << most << " at most; off by "
                   << off[off.size() * 99 / 100] << ", " << off.back() << " at most");
    CHECK(mean <= kind.rounds);
    CHECK(off[off.size() * 99 / 100] <= kind.off);
    CHECK(off.back() <= 0.15);
  }
}

TEST_CASE("One record from the future spoils what comes after it, and nothing else") {
  Random random(41);
  const Log good = evenly(random, kDay, [](double) { return 1000; });
  const int64_t spoilt = good.records()[good.records().size() / 2].offset;
  const Log log = with(good, [&](Record& record) {
    if (record.offset == spoilt) record.timestamp = kNow + 100 * 365 * kDay;
    return true;
  });
  for (int i = 0; i < 500; ++i) {
    const int64_t offset = 1000 + static_cast<int64_t>(uniform(random) * static_cast<double>(log.records().size()));
    const auto found = search(log, offset).result_ms();
    REQUIRE(found.has_value() == (offset < spoilt));
    if (found) REQUIRE(std::abs(*found - log.next(offset).appended) < 90 * kSecond);
  }
}

TEST_CASE("Whatever a broker answers, it ends, and with nothing absurd") {
  Random random(42);
  const int64_t times[] = {-1, 0, 1, ago(100 * 365 * kDay), ago(kDay), ago(1), kNow, kNow + 1, kNow + kDay, INT64_MAX};
  const int64_t offsets[] = {INT64_MIN, -1, 0, 499, 500, 501, 999, 1000, 5000, INT64_MAX};
  for (int i = 0; i < 20000; ++i) {
    TimeSearch search(500, 1000, kNow, i % 2 == 0);
    while (!search.done()) {
      const int64_t asked = search.next_timestamp();
      REQUIRE(asked >= 0);
      REQUIRE(asked <= kNow);
      const bool likely = uniform(random) < 0.7;
      search.narrow(
          likely ? static_cast<int64_t>(uniform(random) * 1000) : offsets[random() % std::size(offsets)],
          likely ? asked + static_cast<int64_t>(exponential(random, kHour)) : times[random() % std::size(times)]);
      REQUIRE(search.rounds() <= TimeSearch::kMaxRounds);
      for (const auto ms : {search.best_ms(), search.result_ms()}) {
        if (!ms) continue;
        REQUIRE(*ms <= kNow);
        REQUIRE(*ms >= ago(30 * 365 * kDay));
      }
    }
  }
}
