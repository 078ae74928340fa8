#include "analysis/offset_history.h"

#include <algorithm>
#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace kafkascope::analysis;
using namespace std::chrono_literals;
namespace model = kafkascope::model;
using Catch::Approx;
using model::OffsetHistory;
using model::OffsetPoint;

namespace {

std::optional<int64_t> newest_end(const model::OffsetHistory& memory) {
  if (memory.points.empty()) return {};
  return memory.base + (int64_t{memory.points.back().offset} << memory.shift) + memory.beyond;
}

/// Memory use, including the struct itself.
size_t bytes(const model::OffsetHistory& memory) {
  return sizeof(memory) + memory.points.capacity() * sizeof(model::OffsetPoint);
}

/// A time in a test.
model::Time at(double seconds) { return model::Time{24h} + std::chrono::milliseconds(std::llround(seconds * 1000)); }
model::Tick tick(double seconds) { return model::to_tick(at(seconds)); }

struct Seen {
  double seconds;
  int64_t end;
};

OffsetHistory memory_of(const std::vector<Seen>& story) {
  OffsetHistory memory;
  for (const auto& [seconds, end] : story) observe(memory, at(seconds), end);
  return memory;
}

/// Observes a log every 15 s from one time to another.
std::vector<Seen> steady(double from, double to, int64_t end) {
  std::vector<Seen> story;
  for (double t = from; t <= to; t += 15) story.push_back({t, end});
  return story;
}

std::vector<Seen> operator+(std::vector<Seen> a, const std::vector<Seen>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

/// Invariants.
void check_order(const OffsetHistory& memory) {
  const auto& points = memory.points;
  REQUIRE(memory.looked_up <= points.size());
  REQUIRE(memory.looked_up <= OffsetHistory::kMaxLookedUp);
  REQUIRE(points.size() <= memory.looked_up + OffsetHistory::kMaxPoints);
  for (size_t i = 1; i < points.size(); ++i) {
    REQUIRE(points[i - 1].time <= points[i].time);
    REQUIRE(points[i - 1].offset <= points[i].offset);
  }
}

constexpr std::optional<double> kUnknown;

}  // namespace

// -------------------------------------------------------------------------------------------------------- ticks

TEST_CASE(
    "A tick represents times before and after the zero of the clock in tenths of a second, and is never kNoTick") {
  using model::Time;
  using model::to_tick;
  CHECK(to_tick(Time{}) == 1u << 31);
  CHECK(to_tick(Time{100ms}) == (1u << 31) + 1);
  CHECK(to_tick(Time{199ms}) == (1u << 31) + 1);
  CHECK(to_tick(Time{-1ms}) == (1u << 31) - 1);
  CHECK(model::to_time(to_tick(Time{-90 * 24h})) == Time{-90 * 24h});
  CHECK(model::to_time(to_tick(Time{12345600ms})) == Time{12345600ms});
  CHECK(to_tick(Time{-100 * 8766h}) == model::kNoTick + 1);
  CHECK(to_tick(Time{100 * 8766h}) == UINT32_MAX);
  CHECK(to_tick(Time::min()) == model::kNoTick + 1);
  CHECK(to_tick(Time::max()) == UINT32_MAX);
  CHECK(model::seconds_between(to_tick(Time{-10s}), to_tick(Time{5s})) == 15);
  CHECK(model::seconds_between(to_tick(Time{5s}), to_tick(Time{-10s})) == 0);
}

// -------------------------------------------------------------------------------------------------- what was seen

TEST_CASE("Age of the record at an offset, from observed end offsets") {
  struct Row {
    const char* what;
    std::vector<Seen> story;
    double now;
    int64_t committed;
    std::optional<double> waiting;
  };
  const std::vector<Seen> ten = {{0, 100}, {15, 110}};
  const auto idle_hour = steady(0, 3600, 100);
  const Row row = GENERATE_COPY(values<Row>({
      {"nobody looked", {}, 0, 100, kUnknown},
      {"the end was seen once, and all is read", {{0, 100}}, 0, 100, 0.0},
      {"the end was seen once, and something is not read: when it came is not known", {{0, 100}}, 0, 99, kUnknown},
      {"a commit ahead of the end that was read a moment before", {{0, 100}}, 0, 105, 0.0},
      {"an empty partition", {{0, 0}, {15, 0}}, 15, 0, 0.0},
      {"ten came in 15 s, none is read", ten, 15, 100, 14.25},
      {"the last of them is not read", ten, 15, 109, 0.75},
      {"all are read", ten, 15, 110, 0.0},
      {"older than all that was seen", ten, 15, 99, kUnknown},
      {"one came in 15 s", {{0, 100}, {15, 101}}, 15, 100, 7.5},
      {"nothing more is produced: it grows all the same", ten, 3615, 105, 3606.75},
      {"and is seen idle", ten + steady(30, 3600, 110), 3600, 105, 3591.75},
      {"an idle topic is not late", idle_hour, 3600, 100, 0.0},
      {"nor the first record after an idle hour", idle_hour + std::vector<Seen>{{3615, 101}}, 3615, 100, 7.5},
      {"nor the records after it", idle_hour + std::vector<Seen>{{3615, 110}, {3630, 120}}, 3630, 110, 14.25},
      {"an hour of idleness lies before it, for those who had not read the record before",
       ten + steady(30, 3600, 110) + std::vector<Seen>{{3615, 120}}, 3615, 109, 3600.75},
      {"reads failed for a minute", {{0, 100}, {75, 150}}, 75, 110, 59.25},
      {"and found the same end", {{0, 100}, {75, 100}, {90, 110}}, 90, 100, 14.25},
      {"truncated: what is left keeps its time", {{0, 100}, {15, 200}, {30, 150}}, 30, 110, 28.425},
      {"truncated: nothing is left to read", {{0, 100}, {15, 200}, {30, 150}}, 30, 150, 0.0},
      {"truncated, and what comes then is new", {{0, 100}, {15, 200}, {30, 150}, {45, 160}}, 45, 150, 14.25},
      {"truncated to where it had been seen", {{0, 100}, {15, 200}, {30, 100}, {45, 110}}, 45, 100, 14.25},
      {"truncated below all that was seen", {{0, 100}, {15, 200}, {30, 50}}, 30, 40, kUnknown},
      {"and the new end", {{0, 100}, {15, 200}, {30, 50}}, 30, 50, 0.0},
      {"and what comes then", {{0, 100}, {15, 200}, {30, 50}, {45, 60}}, 45, 50, 14.25},
      {"two polls in the same moment", {{0, 100}, {0.01, 110}, {15, 110}}, 15, 105, 15.0},
      {"a clock that asks about the past", ten, 0, 109, 0.0},
  }));
  INFO(row.what);
  const OffsetHistory memory = memory_of(row.story);
  check_order(memory);
  const auto waiting = lag_seconds(memory, at(row.now), row.committed);
  REQUIRE(waiting.has_value() == row.waiting.has_value());
  if (waiting) CHECK(*waiting == Approx(*row.waiting).margin(0.1));
}

TEST_CASE("An idle period is two points, and the second one moves") {
  const OffsetHistory memory =
      memory_of(steady(0, 3600, 100) + std::vector<Seen>{{3615, 130}} + steady(3630, 7200, 130));
  CHECK(memory.base == 100);
  CHECK(memory.points == std::vector<OffsetPoint>{{tick(0), 0}, {tick(3600), 0}, {tick(3615), 30}, {tick(7200), 30}});
}

TEST_CASE("The newest end offset is exact") {
  CHECK(newest_end({}) == std::nullopt);
  CHECK(newest_end(memory_of({{0, 100}, {15, 110}})) == 110);
  CHECK(newest_end(memory_of({{0, 100}, {15, 110}, {30, 105}})) == 105);
}

TEST_CASE("A lookup does not replace observations") {
  const OffsetHistory memory = memory_of({{0, 100}, {15, 110}, {75, 120}});
  CHECK(uncertainty_seconds(memory, 99) == std::nullopt);
  CHECK(uncertainty_seconds(memory, 105) == 0.0);
  CHECK(uncertainty_seconds(memory, 110) == 0.0);
  CHECK(uncertainty_seconds(memory, 120) == 0.0);
  CHECK(uncertainty_seconds({}, 0) == std::nullopt);
}

// ------------------------------------------------------------------------------------------------------ forgetting

TEST_CASE("Points below the lowest commit are removed except the last one") {
  struct Row {
    int64_t committed;
    std::vector<OffsetPoint> left;
  };
  const std::vector<OffsetPoint> all{{tick(0), 0}, {tick(15), 10}, {tick(30), 10}, {tick(45), 20}};
  const auto [committed, left] = GENERATE_COPY(values<Row>({
      {50, all},
      {100, all},
      {109, all},
      {110, {{tick(30), 10}, {tick(45), 20}}},
      {119, {{tick(30), 10}, {tick(45), 20}}},
      {120, {{tick(45), 20}}},
      {500, {{tick(45), 20}}},
  }));
  OffsetHistory memory = memory_of({{0, 100}, {15, 110}, {30, 110}, {45, 120}});
  const auto before = lag_seconds(memory, at(60), committed);
  forget_below(memory, committed);
  INFO(committed);
  CHECK(memory.points == left);
  CHECK(lag_seconds(memory, at(60), committed) == before);
  forget_below(memory, committed);
  CHECK(memory.points == left);
}

TEST_CASE("Without points to remove nothing changes") {
  OffsetHistory memory;
  forget_below(memory, 100);
  CHECK(memory.points.empty());
}

// -------------------------------------------------------------------------------------------------------- learning

TEST_CASE("Lookups of older records are added; observations take precedence") {
  struct Learnt {
    double seconds;
    int64_t offset;
  };
  struct Row {
    const char* what;
    std::vector<Learnt> looked_up;
    int64_t committed;
    std::optional<double> waiting;  ///< at 30
  };
  // Observed: 100 at 0 s, 110 at 15 s.
  const Row row = GENERATE(values<Row>({
      {"itself", {{-3600, 40}}, 40, 3630.0},
      {"between it and what was seen", {{-3600, 40}}, 70, 1830.0},
      {"the last before what was seen", {{-3600, 40}}, 99, 90.0},
      {"what was seen stays", {{-3600, 40}}, 100, 29.25},
      {"older than it", {{-3600, 40}}, 39, kUnknown},
      {"before the machine's start", {{-1e6, 40}}, 40, 1000030.0},
      {"two of them, themselves", {{-3600, 40}, {-7200, 20}}, 20, 7230.0},
      {"two of them, in between", {{-3600, 40}, {-7200, 20}}, 30, 5430.0},
      {"two of them, the other way round", {{-7200, 20}, {-3600, 40}}, 30, 5430.0},
      {"found out better", {{-3600, 40}, {-1800, 40}}, 40, 1830.0},
      {"it claims to be newer than what was seen after it", {{500, 40}}, 40, 30.0},
      {"and those after it are no newer", {{500, 40}}, 99, 30.0},
      {"it claims to be newer than a record after it", {{-3600, 40}, {-1800, 20}}, 20, 3630.0},
      {"it claims to be older than a record before it", {{-3600, 20}, {-7200, 40}}, 40, 3630.0},
      {"found out better, but contradicts a neighbour", {{-3600, 20}, {-3000, 40}, {-9000, 40}}, 40, 3630.0},
      {"seen is seen", {{-3600, 100}}, 100, 29.25},
      {"seen is seen, also later on", {{-3600, 105}}, 105, 21.75},
      {"ahead of all", {{-3600, 5000}}, 5000, 0.0},
      {"no offset", {{-3600, -1}}, -1, kUnknown},
      {"the end of time", {{-1e9, 40}}, 40, 2147483647 / 10.0 + 24 * 3600 + 30},
  }));
  INFO(row.what);
  OffsetHistory memory = memory_of({{0, 100}, {15, 110}});
  for (const auto& [seconds, offset] : row.looked_up) add_lookup(memory, at(seconds), offset);
  check_order(memory);
  const auto waiting = lag_seconds(memory, at(30), row.committed);
  REQUIRE(waiting.has_value() == row.waiting.has_value());
  if (waiting) CHECK(*waiting == Approx(*row.waiting).margin(0.1));
  CHECK(*lag_seconds(memory, at(30), 109) == Approx(15.75));
}

TEST_CASE("Lookups before the first observation are ignored") {
  OffsetHistory memory;
  add_lookup(memory, at(0), 5);
  CHECK(memory.points.empty());
}

TEST_CASE("The age of a looked-up record is exact, that of later ones is an estimate") {
  OffsetHistory memory = memory_of({{0, 100}, {15, 110}});
  add_lookup(memory, at(-3600), 40);
  CHECK(uncertainty_seconds(memory, 40) == 0.0);
  CHECK(uncertainty_seconds(memory, 41) == 3600.0);
  CHECK(uncertainty_seconds(memory, 99) == 3600.0);
  CHECK(uncertainty_seconds(memory, 100) == 0.0);
  add_lookup(memory, at(-1000), 60);
  CHECK(uncertainty_seconds(memory, 41) == 2600.0);
}

TEST_CASE("Looked-up points are thinned like others and stay below the observed ones") {
  OffsetHistory memory = memory_of({{0, 1000}, {15, 1010}});
  for (int i = 0; i < 200; ++i) {
    add_lookup(memory, at(-36000 + i * 180), i * 5);
    check_order(memory);
  }
  CHECK(memory.looked_up == OffsetHistory::kMaxLookedUp);
  for (int i = 2; i < 200; ++i) {
    observe(memory, at(15 * i), 1000 + 10 * i * i);
    REQUIRE(memory.looked_up > 0);
    REQUIRE(memory.points[memory.looked_up - 1].offset + memory.base < 1000);
    REQUIRE(memory.points[memory.looked_up].offset + memory.base >= 1000);
  }
  CHECK(*lag_seconds(memory, at(3000), 500) == Approx(18000 + 3000).epsilon(0.01));
}

TEST_CASE("Looked-up points are removed like others and by a truncation") {
  OffsetHistory memory = memory_of({{0, 100}, {15, 110}});
  add_lookup(memory, at(-3600), 40);
  add_lookup(memory, at(-1800), 60);
  REQUIRE(memory.looked_up == 2);

  SECTION("forgotten") {
    forget_below(memory, 60);
    CHECK(memory.looked_up == 1);
    CHECK(*lag_seconds(memory, at(30), 60) == Approx(1830));
    forget_below(memory, 100);
    CHECK(memory.looked_up == 0);
    CHECK(*lag_seconds(memory, at(30), 100) == Approx(29.25));
  }
  SECTION("a truncation between them") {
    observe(memory, at(30), 50);
    CHECK(memory.looked_up == 1);
    CHECK(*lag_seconds(memory, at(30), 40) == Approx(3630));
    CHECK(*lag_seconds(memory, at(30), 49) == Approx(2820));
    observe(memory, at(45), 60);
    CHECK(*lag_seconds(memory, at(45), 50) == Approx(14.25));
  }
  SECTION("a truncation below them") {
    observe(memory, at(30), 30);
    CHECK(memory.looked_up == 0);
    CHECK(lag_seconds(memory, at(30), 29) == std::nullopt);
    CHECK(lag_seconds(memory, at(30), 30) == 0.0);
  }
}

// -------------------------------------------------------------------------------------------------- large numbers

TEST_CASE("A range of more than 2^32 records reduces precision only") {
  const int64_t far =
      GENERATE(int64_t{1} << 32, (int64_t{1} << 33) + 12345, int64_t{1} << 50, std::numeric_limits<int64_t>::max() - 1);
  INFO(far);
  OffsetHistory memory = memory_of({{0, 0}, {100, far / 2}, {200, far}});
  check_order(memory);
  CHECK(newest_end(memory) == far);
  CHECK(lag_seconds(memory, at(300), far) == 0.0);
  CHECK(*lag_seconds(memory, at(300), far - 1) == Approx(100).margin(0.1));
  CHECK(*lag_seconds(memory, at(300), far / 4) == Approx(250).margin(0.1));
  CHECK(*lag_seconds(memory, at(300), far / 4 * 3) == Approx(150).margin(0.1));
  CHECK(*lag_seconds(memory, at(300), 0) == Approx(300).margin(0.1));

  observe(memory, at(300), far);  // still idle
  observe(memory, at(400), far);
  CHECK(newest_end(memory) == far);
  CHECK(*lag_seconds(memory, at(400), far - 1) == Approx(200).margin(0.1));

  if (far < std::numeric_limits<int64_t>::max() - 1000) {
    observe(memory, at(500), far + 7);
    CHECK(newest_end(memory) == far + 7);
    CHECK(lag_seconds(memory, at(500), far + 7) == 0.0);
    CHECK(*lag_seconds(memory, at(500), far + 6) <= 400.1);
    forget_below(memory, far);  // restores precision
    observe(memory, at(515), far + 107);
    forget_below(memory, far + 7);
    CHECK(memory.shift == 0);
    CHECK(newest_end(memory) == far + 107);
    CHECK(*lag_seconds(memory, at(515), far + 57) == Approx(7.5).margin(0.2));
  }
}

TEST_CASE("A looked-up record far below the observed ones") {
  const int64_t end = int64_t{1} << 40;
  OffsetHistory memory = memory_of({{0, end}, {15, end + 10}});
  add_lookup(memory, at(-1000), 0);
  check_order(memory);
  CHECK(newest_end(memory) == end + 10);
  CHECK(*lag_seconds(memory, at(30), 0) == Approx(1030));
  CHECK(*lag_seconds(memory, at(30), end / 2) == Approx(530));
  CHECK(lag_seconds(memory, at(30), end + 10) == 0.0);
  forget_below(memory, end);
  CHECK(newest_end(memory) == end + 10);
  CHECK(*lag_seconds(memory, at(30), end) == Approx(29.25).margin(0.2));
  observe(memory, at(30), end + 20);
  CHECK(*lag_seconds(memory, at(30), end + 10) == Approx(14.25).margin(0.2));
}

// ---------------------------------------------------------------------------------------------- simulated producers

namespace {

using Random = std::mt19937_64;

double exponential(Random& random, double mean) { return std::exponential_distribution<>(1 / mean)(random); }
double uniform(Random& random, double from, double to) { return std::uniform_real_distribution<>(from, to)(random); }

/// Append time of each record.
using Log = std::vector<double>;

struct Producer {
  const char* what;
  std::function<Log(Random&, double end)> produce;
  double relative;  ///< The error relative to the age that thinning may cause.
};

Log steady_log(Random& random, double end) {
  Log log;
  for (double t = 0; t < end; t += exponential(random, 0.5)) log.push_back(t);
  return log;
}

Log bursty_log(Random& random, double end) {
  Log log;
  for (double t = 0; t < end;) {
    t += exponential(random, 30);
    for (int n = static_cast<int>(exponential(random, 100)); n >= 0 && t < end; --n, t += exponential(random, 0.02))
      log.push_back(t);
  }
  return log;
}

Log batch_log(Random&, double end) {
  Log log;
  for (double t = 7; t < end; t += 600) log.insert(log.end(), 100, t);
  return log;
}

Log idle_log(Random& random, double end) {
  Log log;
  for (double t = 0; t < end; t += exponential(random, 7200))
    for (const double until = t + exponential(random, 600); t < std::min(until, end); t += exponential(random, 0.3))
      log.push_back(t);
  return log;
}

Log daily_log(Random& random, double end) {
  Log log;
  for (double t = 0; t < end; t += exponential(random, std::exp(2.5 * std::sin(t / 86400 * 6.283)))) log.push_back(t);
  return log;
}

const Producer kProducers[] = {
    {"steady", steady_log, 0.01},
    {"bursts", bursty_log, 0.12},
    {"a batch every ten minutes", batch_log, 0.08},
    {"hours of idleness", idle_log, 0.05},
    {"day and night", daily_log, 0.05},
};

int64_t end_at(const Log& log, double now) { return std::upper_bound(log.begin(), log.end(), now) - log.begin(); }

}  // namespace

TEST_CASE("In the steady state the error is at most one poll interval") {
  for (const auto& producer : kProducers) {
    INFO(producer.what);
    Random random(20);
    const Log log = producer.produce(random, 6 * 3600);
    OffsetHistory memory;
    double last = 0, longest = 0;  // longest recent time between two polls
    std::vector<double> steps;
    for (double now = 60; now < 6 * 3600; now += uniform(random, 14, 16)) {
      if (uniform(random, 0, 1) < 0.02) continue;  // failed read
      const int64_t end = end_at(log, now);
      observe(memory, at(now), end);
      check_order(memory);
      steps.push_back(now - last);
      last = now;
      longest = *std::max_element(steps.end() - std::min<ptrdiff_t>(8, std::ssize(steps)), steps.end());
      // A consumer with a lag of up to a minute.
      const int64_t committed = end_at(log, now - uniform(random, 0, 60));
      if (now > 200) {
        const auto waiting = lag_seconds(memory, at(now), committed);
        REQUIRE(waiting.has_value());
        const double truth = committed < end ? now - log[committed] : 0;
        INFO("at " << now << " offset " << committed << " of " << end);
        REQUIRE(std::abs(*waiting - truth) <= longest + 0.2);
      }
      forget_below(memory, end_at(log, now - 60));
      REQUIRE(memory.points.size() <= 12);
    }
  }
}

TEST_CASE("The error is a poll interval for a group that is stalled for days, plus a part of the age for a slow one") {
  for (const auto& producer : kProducers) {
    Random random(21);
    const Log log = producer.produce(random, 3 * 86400);
    for (const double speed : {0.0, 0.3, 0.9}) {
      INFO(producer.what << ", speed " << speed);
      OffsetHistory memory;
      int64_t committed = end_at(log, 300) + 5;  // between two observed end offsets
      for (double now = 60; now < 3 * 86400; now += 15) {
        const int64_t end = end_at(log, now);
        observe(memory, at(now), end);
        if (speed > 0) committed = std::max(committed, end_at(log, now * speed));
        forget_below(memory, committed);
        for (const int64_t offset :
             {committed, end_at(log, now - 100), end_at(log, now - 1000), end_at(log, now / 2)}) {
          if (offset < committed) continue;  // another group with less lag
          const auto waiting = lag_seconds(memory, at(now), offset);
          REQUIRE(waiting.has_value());
          const double truth = offset < end ? now - log[offset] : 0;
          const double share = offset > committed ? 0.15 : speed > 0 ? producer.relative : 0;
          if (std::abs(*waiting - truth) > 15.2 + share * truth) {
            INFO("at " << now << " offset " << offset << " of " << end << ": " << *waiting << ", not " << truth);
            FAIL();
          }
        }
      }
      CHECK(memory.points.size() > 3);
      check_order(memory);
    }
  }
}

TEST_CASE("Without new commits the age grows with the clock") {
  Random random(22);
  const Log log = bursty_log(random, 86400);
  OffsetHistory memory;
  observe(memory, at(60), end_at(log, 60));
  const int64_t committed = end_at(log, 60) + 3;
  double last = 0;
  for (double now = 75; now < 86400; now += 15) {
    observe(memory, at(now), end_at(log, now));
    const double waiting = lag_seconds(memory, at(now), committed).value();
    if (last > 0) REQUIRE(waiting == Approx(last + 15).margin(0.02 * waiting + 0.2));
    REQUIRE(waiting >= last);
    last = waiting;
  }
}

TEST_CASE("The ends of an idle period are kept when points are thinned") {
  OffsetHistory memory = memory_of({{0, 100}, {15, 200}});
  for (double t = 30; t < 20 * 3600; t += 15) observe(memory, at(t), 200);  // idle for 20 hours
  int64_t end = 200;
  for (double t = 20 * 3600; t < 30 * 3600; t += 15) observe(memory, at(t), end += 10);
  REQUIRE(memory.points.size() == OffsetHistory::kMaxPoints);
  CHECK(*lag_seconds(memory, at(30 * 3600), 150) == Approx(30 * 3600 - 7.5).margin(15));
  CHECK(*lag_seconds(memory, at(30 * 3600), 200) == Approx(10 * 3600).margin(60));
}

TEST_CASE("Random observations and lookups yield plausible ages") {
  Random random(23);
  for (int story = 0; story < 300; ++story) {
    OffsetHistory memory;
    double now = 0;
    int64_t end = std::uniform_int_distribution<int64_t>(0, int64_t{1} << (story % 60))(random);
    for (int step = 0; step < 200; ++step) {
      now += exponential(random, 15);
      const double what = uniform(random, 0, 1);
      if (what < 0.5) {
        end += static_cast<int64_t>(std::exp(uniform(random, 0, 30)));
      } else if (what < 0.6) {
        end = static_cast<int64_t>(uniform(random, 0, 1) * static_cast<double>(end));
      } else if (what < 0.8) {
        add_lookup(memory, at(uniform(random, -1e6, 2 * now)),
                   static_cast<int64_t>(uniform(random, -0.1, 1.1) * double(end)));
      } else if (what < 0.9) {
        forget_below(memory, static_cast<int64_t>(uniform(random, -0.1, 1.1) * static_cast<double>(end)));
      }
      observe(memory, at(now), end);
      check_order(memory);
      REQUIRE(newest_end(memory) == end);
      double older = std::numeric_limits<double>::infinity();
      for (int i = 0; i <= 10; ++i) {
        const auto waiting = lag_seconds(memory, at(now), end / 10 * i + (i == 10 ? end % 10 : 0));
        if (!waiting) continue;
        REQUIRE(std::isfinite(*waiting));
        REQUIRE(*waiting >= 0);
        REQUIRE(*waiting <= now + 1e6 + 1);
        REQUIRE(*waiting <= older);  // a later record is never older
        older = *waiting;
      }
      REQUIRE(lag_seconds(memory, at(now), end) == 0.0);
    }
  }
}

// ----------------------------------------------------------------------------------------------------------- memory

TEST_CASE("Memory per partition: unread, all caught up, one group lagging, catching up again") {
  OffsetHistory memory;
  CHECK(bytes(memory) == 40);

  int64_t end = 1000;
  double now = 0;
  for (; now < 3600; now += 15) {
    observe(memory, at(now), end += 100);
    forget_below(memory, end - 50);
    REQUIRE(memory.points.size() <= 3);
  }
  CHECK(bytes(memory) <= 40 + 32);
  for (; now < 7200; now += 15) {  // idle
    observe(memory, at(now), end);
    forget_below(memory, end);
    REQUIRE(memory.points.size() <= 2);
  }
  CHECK(bytes(memory) <= 40 + 32);

  const int64_t committed = end - 50;
  for (; now < 86400; now += 15) {
    observe(memory, at(now), end += 100);
    forget_below(memory, committed);
  }
  CHECK(bytes(memory) == 40 + 32 * 8);

  forget_below(memory, end);
  CHECK(bytes(memory) <= 40 + 32);
}
