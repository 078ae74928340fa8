#include "analysis/partition_search.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cmath>
#include <functional>
#include <map>
#include <random>
#include <string>
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

/// Asks until all results are there, or so many rounds are over. Returns the number of rounds.
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
};

const Shape kShapes[] = {
    {"evenly, one hour", [](Random&) { return evenly(kHour, 0, kSecond); }},
    {"evenly, a week", [](Random&) { return evenly(7 * kDay, 0, 10 * kSecond); }},
    {"evenly, ended an hour ago", [](Random&) { return evenly(3 * kHour, kHour, kSecond); }},
    {"at random, a day", [](Random& r) { return at_random(r, kDay, 1000); }},
    {"all one hour old", [](Random&) { return bursts({kHour}, 600, 0); }},
    {"a single record", [](Random&) { return bursts({kHour}, 1, 0); }},
    {"bursts of 600 with equal timestamps", [](Random&) { return bursts(every(kHour, 0, 6 * kMinute), 600, 0); }},
    {"24 bursts in a day", [](Random&) { return bursts(every(kDay, kHour / 2, kHour), 600, 0); }},
    {"bursts and silences", [](Random&) { return bursts({kDay, 2 * kHour, 10 * kMinute, kMinute}, 100, 10); }},
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
     }},
    {"one clock an hour behind",
     [](Random& r) {
       return with(at_random(r, kDay, 1000), false, [&](Record& x) {
         if (uniform(r) < 0.5) x.timestamp -= kHour;
         return true;
       });
     }},
    {"many without a clock",
     [](Random& r) {
       return with(at_random(r, kDay, 1000), false, [&](Record& x) {
         if (uniform(r) < 0.3) x.timestamp = uniform(r) < 0.5 ? 0 : -1;
         return true;
       });
     }},
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
     }},
    {"rates that differ by orders of magnitude",
     [](Random& r) {
       std::vector<int64_t> ages;
       for (double t = 0; t < 30. * kDay;) {
         t += exponential(r, t < 600 * kSecond ? 50 : t < kDay ? 20000 : t < kDay + kHour ? 200 : 600000);
         ages.push_back(std::llround(t));
       }
       return log_of(std::move(ages));
     }},
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

TEST_CASE("Append times at many offsets of a partition: right, and in at most 40 rounds") {
  for (const auto& shape : kShapes)
    for (const size_t count : {1u, 5u, 20u, 100u}) {
      Random random(7);
      int most = 0, sum = 0; double worst = 0;
      size_t wrong = 0, left = 0, all = 0;
      for (int i = 0; i < 20; ++i) {
        const Log log = shape.make(random);
        const auto offsets = some_offsets(log, count, random);
        Results results;
        const int rounds = search(log, offsets, 40, results);
        most = std::max(most, rounds);
        sum += rounds;
        all += offsets.size();
        left += offsets.size() - results.size();
        for (const auto& [offset, ms] : results) {
          REQUIRE(ms);
          worst = std::max(worst, std::abs(double(*ms - log.appended(offset))) / double(kNow - log.appended(offset) + 100 * kSecond));
          if (!is_near(*ms, log.appended(offset))) ++wrong;
        }
      }
      if (getenv("VERBOSE"))
        printf("%-42s %3zu offsets: %5.1f rounds, %2d at most, wrong %zu, left %zu of %zu %.3f\n", shape.what.c_str(), count,
               sum / 20., most, wrong, left, all, worst);
      INFO(shape.what << ", " << count << " offsets, " << most << " rounds at most");
      CHECK(wrong == 0);
      CHECK(left == 0);
    }
}
