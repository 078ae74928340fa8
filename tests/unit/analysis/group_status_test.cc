#include "analysis/group_status.h"

#include <algorithm>
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
using model::Progress;
using model::Status;

namespace {

constexpr StatusParameters kParameters;  // window 5 min, near 30 s, for a poll every 15 s

model::Time at(double seconds) { return model::Time{24h} + std::chrono::milliseconds(std::llround(seconds * 1000)); }

std::string name(const std::optional<Status>& status) {
  return status ? model::kStatusNames[static_cast<size_t>(*status)] : "-";
}

/// A phase of a simulation: records produced and consumed per second.
struct Leg {
  double seconds, produced, consumed;
  double jump = 0;          ///< Records that the commit jumps forward (or back) at the start.
  bool read = true;         ///< Whether the commit can be read.
  double truncated_to = 0;  ///< New end offset after a truncation at the start; 0: none.
};

/// A topic and its only group, polled every 15 s.
class Story {
 public:
  explicit Story(bool members, double lag = 0) : members_(members), end_(1e6), committed_(end_ - lag) {
    ends_.push_back({-1000, end_});  // the initial lag is old
  }

  void go(const Leg& leg) {
    committed_ += leg.jump;
    if (leg.truncated_to > 0) {
      end_ = leg.truncated_to;
      std::erase_if(ends_, [&](const auto& seen) { return seen.second > end_; });
      ends_.push_back({now_, end_});
    }
    for (double t = 0; t < leg.seconds - 0.01; t += 15) {
      if (leg.read) look();
      now_ += 15;
      end_ += 15 * leg.produced;
      ends_.push_back({now_, end_});
      if (committed_ < end_) committed_ = std::min(end_, committed_ + 15 * leg.consumed);
    }
  }

  /// Returns the times at which the status changed, and the new status.
  const std::string& statuses() const { return statuses_; }
  const Progress& progress() const { return progress_; }

 private:
  void look() {
    Observation now{at(now_), std::llround(committed_), previous_,
                    std::max<int64_t>(0, std::llround(end_ - committed_)), std::nullopt};
    const auto came =
        std::find_if(ends_.begin(), ends_.end(), [&](const auto& seen) { return seen.second > committed_; });
    now.lag_seconds = came == ends_.end() ? 0 : now_ - came->first;
    update_progress(progress_, now, kParameters);
    previous_ = now.committed;
    const std::string status = name(progress_status(progress_, members_, kParameters));
    if (status == last_) return;
    last_ = status;
    statuses_ += (statuses_.empty() ? "" : ", ") + std::to_string(std::llround(now_)) + " " + status;
  }

  bool members_;
  double now_ = 0;
  double end_, committed_;
  std::vector<std::pair<double, double>> ends_;
  std::optional<int64_t> previous_;
  Progress progress_;
  std::string last_, statuses_;
};

}  // namespace

TEST_CASE("Status of a group by its recent progress") {
  struct Row {
    const char* what;
    bool members;
    double lag;  ///< At the start.
    std::vector<Leg> legs;
    const char* statuses;
  };
  const Row row = GENERATE(values<Row>({
      // clang-format off
      {"nothing happens", true, 0, {{3600, 0, 0}}, "0 ok"},
      {"it follows closely", true, 0, {{3600, 100, 100}}, "0 ok"},
      {"it is a poll behind all the time: what it has not read is young", true, 0,
       {{15, 10, 0}, {3600, 10, 10}}, "0 ok"},
      {"nobody is there, and nothing comes", false, 0, {{3600, 0, 0}}, "0 ok"},

      {"it stops: behind from a minute on, when the first record has waited for more than 30 s", true, 0,
       {{600, 10, 10}, {600, 10, 0}}, "0 ok, 960 stalled"},
      {"it stops and has no members", false, 0, {{600, 10, 10}, {600, 10, 0}}, "0 ok, 960 stopped"},
      {"it stops and goes on", true, 0, {{600, 10, 0}, {600, 10, 1000}}, "0 ok, 360 stalled, 615 ok"},
      {"it stops, and goes on far too slowly", true, 0, {{600, 10, 0}, {600, 10, 1}}, "0 ok, 360 stalled, 615 lagging"},
      {"a record after hours of idleness, which is read late", true, 0, {{7200, 0, 0}, {15, 0.1, 0}, {240, 0, 0}, {15, 0, 1}, {60, 0, 0}},
       "0 ok"},
      {"a record after hours of idleness, which is not read", true, 0, {{7200, 0, 0}, {15, 0.1, 0}, {900, 0, 0}},
       "0 ok, 7560 stalled"},
      {"a pause of four minutes between commits is no stall", true, 0,
       {{240, 10, 0}, {15, 10, 1000}, {240, 10, 0}, {15, 10, 1000}, {240, 10, 0}, {15, 10, 1000}}, "0 ok"},

      {"it is slower than the producer", true, 0, {{3600, 10, 9}}, "0 ok, 765 lagging"},
      {"slower by a thousandth", true, 10000, {{3600, 10, 9.99}}, "0 -, 300 lagging"},
      {"as fast as the producer, and never nearer", true, 10000, {{3600, 10, 10}}, "0 -, 300 lagging"},
      {"it falls behind, then catches up", true, 0, {{900, 10, 5}, {1800, 10, 15}}, "0 ok, 405 lagging, 1305 ok"},
      {"minutes of more than it can read, and half an hour to read it", true, 0, {{240, 100, 10}, {3000, 0, 10}}, "0 ok, 360 lagging, 660 ok"},
      {"a day behind, and falling back, then coming nearer by little: it has to be seen three times", true, 1e5,
       {{600, 10, 9}, {3600, 10, 12}}, "0 -, 300 lagging, 1200 ok"},
      {"slow, caught up, slow again: the window begins anew", true, 0, {{270, 10, 1}, {30, 10, 1000}, {600, 10, 1}},
       "0 ok, 660 lagging"},
      {"lagging, caught up, and then with a day's work to do, at which it gets on", true, 0,
       {{600, 10, 1}, {30, 10, 1000}, {1800, 10, 15, -500000}}, "0 ok, 360 lagging, 615 ok, 630 rewound, 930 ok"},
      {"a day's work: it catches up slowly", true, 1e5, {{36000, 10, 12}}, "0 -, 300 ok"},
      {"and twice as slowly again", true, 1e5, {{36000, 10, 11}}, "0 -, 300 ok"},

      {"behind when we start, and it does nothing", true, 500, {{900, 0, 0}}, "0 -, 300 stalled"},
      {"behind when we start, and nobody is there", false, 500, {{900, 0, 0}}, "0 -, 300 stopped"},
      {"behind when we start, and soon caught up", true, 500, {{120, 0, 0}, {600, 0, 100}}, "0 -, 135 ok"},
      {"behind when we start, and it falls further behind", true, 500, {{900, 10, 9}}, "0 -, 300 lagging"},

      {"it goes back, and reads it all again", true, 0, {{600, 10, 10}, {600, 10, 100, -3000}}, "0 ok, 600 rewound, 630 ok"},
      {"it goes back, and has members that do nothing", true, 0, {{600, 10, 10}, {900, 10, 0, -3000}},
       "0 ok, 600 rewound, 900 stalled"},
      {"it is set back while nobody is there", false, 0, {{600, 10, 10}, {900, 10, 0, -3000}},
       "0 ok, 600 rewound, 900 stopped"},
      {"it goes back to the beginning: after a window it is no news", true, 0,
       {{600, 10, 10}, {1800, 10, 20, -500000}}, "0 ok, 600 rewound, 900 ok"},
      {"it goes back to the beginning, and is slow", true, 0, {{600, 10, 10}, {1800, 10, 5, -500000}},
       "0 ok, 600 rewound, 900 lagging"},
      {"it goes back twice", true, 0, {{600, 10, 10}, {150, 10, 10, -3000}, {600, 10, 10, -3000}},
       "0 ok, 600 rewound, 1050 lagging"},
      {"it goes back by what it has not read again when it goes back once more", true, 0,
       {{600, 10, 10}, {30, 10, 50, -3000}, {600, 10, 50, -1500}}, "0 ok, 600 rewound, 690 ok"},
      {"behind when we start, and it goes back", true, 500, {{60, 0, 0}, {600, 0, 0, -500}}, "0 -, 60 rewound, 360 stalled"},
      {"it goes back by a little, and the rest is young", true, 0, {{600, 10, 10}, {600, 10, 10, -100}}, "0 ok"},

      {"reads fail for ten minutes, and it has followed closely", true, 0,
       {{600, 10, 10}, {600, 10, 10, 0, false}, {600, 10, 10}}, "0 ok"},
      {"reads fail for a minute: not counted as standing still", true, 0,
       {{150, 10, 0}, {60, 10, 0, 0, false}, {600, 10, 0}}, "0 ok, 435 stalled"},
      {"reads fail for one poll, which may be late: counted", true, 0, {{150, 10, 0}, {15, 10, 0, 0, false}, {600, 10, 0}},
       "0 ok, 360 stalled"},
      {"reads fail for longer than a window: all begins anew", true, 0,
       {{150, 10, 0}, {600, 10, 0, 0, false}, {600, 10, 0}}, "0 ok, 750 -, 1050 stalled"},
      {"it moved while reads failed", true, 500, {{450, 0, 0}, {60, 0, 0, 100, false}, {600, 0, 0}},
       "0 -, 300 stalled, 510 lagging, 675 ok, 810 stalled"},

      {"the log is truncated to less than it had committed", true, 0, {{600, 10, 10}, {600, 0, 0, 0, true, 1e6}}, "0 ok"},
      {"and it starts at the new end", true, 0, {{600, 10, 10}, {15, 0, 0, 0, true, 1e6}, {600, 10, 10, -6000}}, "0 ok"},
      {"and it starts at the new end, and stops: nothing is left to regain", true, 0,
       {{600, 10, 10}, {15, 0, 0, 0, true, 1e6}, {15, 0, 0, -6000}, {600, 10, 0}}, "0 ok, 990 stalled"},
      {"truncated to what it had committed: it has caught up without a move, and all begins anew", true, 0,
       {{240, 10, 0}, {15, 0, 0, 0, true, 1e6}, {600, 10, 0}}, "0 ok, 615 stalled"},
      {"and it starts at the beginning", true, 0, {{600, 10, 10}, {15, 0, 0, 0, true, 1e6}, {1200, 0, 100, -500000}},
       "0 ok, 615 rewound, 915 ok"},
      {"retention has deleted what it had not read, and it stands still", true, 100000, {{900, 10, 0}}, "0 -, 300 stalled"},
      {"and it starts again at what is left", true, 100000, {{600, 10, 0}, {600, 10, 20, 90000}},
       "0 -, 300 stalled, 600 lagging, 750 ok"},
      // clang-format on
  }));
  INFO(row.what);
  Story story(row.members, row.lag);
  for (const auto& leg : row.legs) story.go(leg);
  CHECK(story.statuses() == row.statuses);
}

TEST_CASE("Examples from Burrow's documentation: same and different results") {
  struct Seen {
    int64_t committed;
    std::optional<int64_t> lag;
  };
  struct Row {
    const char* what;
    std::vector<Seen> every_100_s;
    const char* ours;
  };
  constexpr std::optional<int64_t> kNone;
  // A window of 400 s; only lag 0 counts as caught up.
  const Row row = GENERATE_COPY(values<Row>({
      {"lag was 0 in the window: ok", {{1000, 0}, {2000, 50}, {3000, 100}, {4000, 150}, {5000, 200}}, "ok"},
      {"lag is 0 now: ok, whatever it was", {{1000, 50}, {2000, 100}, {3000, 150}, {4000, 200}, {5000, 0}}, "ok"},
      {"the commits end, though lag was 0 before: stop",
       {{1000, 0}, {2000, 50}, {3000, 100}, {3000, 150}, {3000, 200}, {3000, 250}, {3000, 300}},
       "stalled"},
      {"commits that do not move while lag grows: stall",
       {{1000, 100}, {1000, 150}, {1000, 200}, {1000, 250}, {1000, 300}},
       "stalled"},
      {"commits that do not move while lag stays: stall",
       {{1000, 100}, {1000, 100}, {1000, 100}, {1000, 100}, {1000, 100}},
       "stalled"},
      {"the same, from lag 0: not yet", {{1000, 0}, {1000, 50}, {1000, 100}, {1000, 150}, {1000, 200}}, "ok"},
      {"lag grows: warning", {{1000, 50}, {2000, 100}, {3000, 150}, {4000, 200}, {5000, 250}}, "lagging"},
      {"lag is the same: warning", {{1000, 50}, {2000, 50}, {3000, 50}, {4000, 50}, {5000, 50}}, "lagging"},
      {"lag shrinks all the time: ok", {{1000, 250}, {2000, 200}, {3000, 150}, {4000, 100}, {5000, 50}}, "ok"},
      {"lag shrinks once and grows for the rest: Burrow says ok, we say what it came to",
       {{1000, 200}, {2000, 150}, {3000, 200}, {4000, 300}, {5000, 400}},
       "lagging"},
      {"back and not yet there again: rewind", {{1000, 100}, {2000, 150}, {3000, 200}, {2000, 1250}}, "rewound"},
      {"back and further than before: Burrow says rewind for as long as it remembers, we say that it is over",
       {{1000, 0}, {2000, 150}, {3000, 200}, {2000, 1250}, {4000, 300}},
       "ok"},
      {"caught up for long, then a thousand records come at once: Burrow says stop when commits were frequent, we wait",
       {{2000, 0}, {2001, 0}, {2002, 0}, {2003, 0}, {2003, 931}},
       "ok"},
      {"caught up, and one record has just come: ok", {{2000, 0}, {2001, 0}, {2001, 0}, {2001, 1}}, "ok"},
      {"what could not be read in between changes nothing",
       {{1000, 0}, {1500, kNone}, {2000, 50}, {2500, kNone}, {3000, 100}},
       "ok"},
      {"too little was seen: Burrow says ok, we say nothing", {{1000, 100}, {1000, 150}, {1000, 200}}, "-"},
  }));
  INFO(row.what);
  constexpr StatusParameters kBurrow{400s, 100s};
  Progress progress;
  std::optional<int64_t> previous;
  double now = 0;
  for (const auto& seen : row.every_100_s) {
    update_progress(progress, {at(now += 100), seen.committed, previous, seen.lag, std::nullopt}, kBurrow);
    previous = seen.committed;
  }
  CHECK(name(progress_status(progress, true, kBurrow)) == row.ours);
}

TEST_CASE("Statuses are ordered from ok to the worst and named as in the label") {
  const std::vector<std::string> names(std::begin(model::kStatusNames), std::end(model::kStatusNames));
  CHECK(names == std::vector<std::string>{"ok", "lagging", "rewound", "stalled", "stopped", "ahead", "losing"});
  CHECK(name(Status::kOk) == "ok");
  CHECK(name(Status::kRewound) == "rewound");
  CHECK(name(Status::kLosing) == "losing");
}

TEST_CASE("Some statuses are known after one poll") {
  struct Row {
    std::string what;
    int64_t lost, ahead;
    float lag_seconds;
    bool members, lag_known;
    std::string status;  ///< Empty: not known.
  };
  const auto row = GENERATE(values<Row>({
      {"unread records deleted", 30, 0, 900, true, true, "losing"},
      {"unread records deleted, end not known", 30, 0, -1, true, false, "losing"},
      {"beyond the end", 0, 997, 0, true, true, "ahead"},
      {"beyond the end in one poll", 0, -997, 900, true, true, ""},
      {"no members, waiting for longer than the window", 0, 0, 301, false, true, "stopped"},
      {"no members, waiting for the window", 0, 0, 300, false, true, ""},
      {"no members, age not known", 0, 0, -1, false, true, ""},
      {"members, which may be catching up", 0, 0, 9000, true, true, ""},
      {"end not known", 0, 0, 9000, false, false, ""},
  }));
  INFO(row.what);
  model::GroupPartition partition{{0, 0}, {20, {}}, row.lag_known ? model::Value{50, {}} : model::Value{}};
  partition.lost = row.lost;
  partition.ahead = row.ahead;
  partition.lag_seconds = row.lag_seconds;
  partition.progress.seen = 1;
  partition.progress.high_now = 50;
  const auto status = [&] { return partition_status(partition, row.members, kParameters); };
  CHECK((status() ? name(*status()) : "") == row.status);

  if (row.status == "stopped") {
    partition.progress.moved = 1;  // by a client that is not a member
    CHECK(status() == std::nullopt);
  }
  if (row.status == "losing") {
    partition.committed = {};
    CHECK(status() == std::nullopt);
  }
}

TEST_CASE("Without observations there is no status") { CHECK(progress_status({}, true, kParameters) == std::nullopt); }

TEST_CASE("The last change of a commit is noted, forward or back, with and without lag") {
  Progress progress;
  update_progress(progress, {at(0), 100, std::nullopt, 50, std::nullopt}, kParameters);
  CHECK(progress.moved == model::kNoTick);  // the time of the last change is unknown
  update_progress(progress, {at(15), 100, 100, 50, std::nullopt}, kParameters);
  CHECK(progress.moved == model::kNoTick);
  update_progress(progress, {at(30), 110, 100, 40, std::nullopt}, kParameters);
  CHECK(model::to_time(progress.moved) == at(30));
  update_progress(progress, {at(45), 110, 110, 40, std::nullopt}, kParameters);
  CHECK(model::to_time(progress.moved) == at(30));
  update_progress(progress, {at(60), 120, 110, std::nullopt, std::nullopt}, kParameters);
  CHECK(model::to_time(progress.moved) == at(60));
  update_progress(progress, {at(75), 90, 120, 60, std::nullopt}, kParameters);
  CHECK(model::to_time(progress.moved) == at(75));
  CHECK(progress_status(progress, true, kParameters) == Status::kRewound);
  update_progress(progress, {at(10000), 90, 90, 60, std::nullopt}, kParameters);  // after a long gap
  CHECK(model::to_time(progress.moved) == at(75));
}

TEST_CASE("Without lag in seconds only lag 0 is caught up") {
  Progress progress;
  update_progress(progress, {at(0), 100, std::nullopt, 1, std::nullopt}, kParameters);
  CHECK(progress_status(progress, true, kParameters) == std::nullopt);
  update_progress(progress, {at(15), 100, 100, 1, 30.0}, kParameters);
  CHECK(progress_status(progress, true, kParameters) == Status::kOk);
  update_progress(progress, {at(30), 101, 100, 0, std::nullopt}, kParameters);
  CHECK(progress_status(progress, true, kParameters) == Status::kOk);
}

TEST_CASE("A lag that oscillates around a value is lagging and does not flap") {
  std::mt19937_64 random(30);
  for (const double lag : {100.0, 1e4, 1e9}) {
    Progress progress;
    int64_t committed = 1'000'000;
    std::optional<int64_t> previous;
    int lagging = 0, polls = 0, changes = 0;
    std::string last;
    for (double now = 0; now < 86400; now += 15) {
      committed += 150;
      const auto sway = static_cast<int64_t>(lag * std::uniform_real_distribution<>(0.9, 1.1)(random));
      update_progress(progress, {at(now), committed, previous, sway, 600.0}, kParameters);
      previous = committed;
      if (now < 300) continue;
      const std::string status = name(progress_status(progress, true, kParameters));
      if (!last.empty() && status != last) ++changes;
      last = status;
      lagging += status == "lagging";
      ++polls;
      REQUIRE((status == "lagging" || status == "ok"));
    }
    INFO("lag " << lag << ", " << changes << " changes");
    CHECK(lagging > polls * 0.8);
  }
}

TEST_CASE("A lag that grows as a sawtooth (commits every minute) is lagging in every poll") {
  Progress progress;
  std::optional<int64_t> previous;
  for (double now = 0; now < 7200; now += 15) {
    const auto end = static_cast<int64_t>(1e6 + 100 * now);
    const auto committed = static_cast<int64_t>(5e5 + 90 * std::floor(now / 60) * 60);
    update_progress(progress, {at(now), committed, previous, end - committed, 6000.0}, kParameters);
    previous = committed;
    if (now >= 300) REQUIRE(name(progress_status(progress, true, kParameters)) == "lagging");
  }
}

TEST_CASE("A lag that shrinks as a sawtooth is ok in every poll") {
  Progress progress;
  std::optional<int64_t> previous;
  for (double now = 0; now < 7200; now += 15) {
    const auto end = static_cast<int64_t>(1e6 + 100 * now);
    const auto committed = static_cast<int64_t>(5e5 + 120 * std::floor(now / 60) * 60);
    update_progress(progress, {at(now), committed, previous, end - committed, 6000.0}, kParameters);
    previous = committed;
    if (now >= 300) REQUIRE(name(progress_status(progress, true, kParameters)) == "ok");
  }
}

TEST_CASE("Lags of all magnitudes are compared") {
  for (const int64_t lag : {int64_t{2}, int64_t{2047}, int64_t{2048}, int64_t{5'000'000'000}, int64_t{1} << 62}) {
    for (const double change : {-0.5, -0.01, 0.0, 0.01}) {
      INFO(lag << " " << change);
      Progress progress;
      std::optional<int64_t> previous;
      int64_t committed = 10;
      for (double now = 0; now <= 300; now += 15) {
        const auto moved = static_cast<int64_t>(static_cast<double>(lag) * change * now / 300);
        update_progress(progress, {at(now), committed, previous, lag + moved, 6000.0}, kParameters);
        previous = committed++;
      }
      const bool shrank = static_cast<int64_t>(static_cast<double>(lag) * change) < 0;
      CHECK(name(progress_status(progress, true, kParameters)) == (shrank ? "ok" : "lagging"));
    }
  }
}

TEST_CASE("The window is at least three times `near` and at most 109 minutes") {
  const auto stalled_after = [](const StatusParameters& parameters) {
    Progress progress;
    const double step = static_cast<double>(parameters.near.count()) / 2000;
    for (double now = 0; now < 86400; now += step) {
      update_progress(progress, {at(now), 10, 10, 10, std::nullopt}, parameters);
      if (progress_status(progress, true, parameters)) return std::round(now);
    }
    return -1.0;
  };
  CHECK(stalled_after({300s, 30s}) == 300);
  CHECK(stalled_after({1s, 30s}) == 90);
  CHECK(stalled_after({300s, 4s}) == 300);
  CHECK(stalled_after({1h, 120s}) == 3600);
  CHECK(stalled_after({24h, 30s}) == 109 * 60);
  CHECK(stalled_after({300s, 400ms}) == 300);
}

TEST_CASE("The window ends on time if it is not a multiple of the poll interval") {
  Progress progress;
  int64_t committed = 0;
  for (double now = 0; now <= 300; now += 20) {
    CHECK(progress_status(progress, true, {300s, 40s}) == std::nullopt);
    update_progress(progress, {at(now), committed + 1, committed, 10, std::nullopt}, {300s, 40s});
    ++committed;
  }
  CHECK(progress_status(progress, true, {300s, 40s}) == Status::kLagging);
}

TEST_CASE("Statuses of random observations are plausible") {
  std::mt19937_64 random(31);
  const auto upto = [&](double most) { return std::uniform_real_distribution<>(0, most)(random); };
  for (int story = 0; story < 500; ++story) {
    Progress progress;
    double now = upto(1000), moved = -1, behind_since = now, last_seen = -1e9;
    int64_t end = 1'000'000, committed = 900'000;
    std::optional<int64_t> previous;
    const bool members = upto(1) < 0.5;
    const double moves = upto(1), produces = upto(1);
    for (int step = 0; step < 300; ++step) {
      now += upto(1) < 0.02 ? upto(1000) : 15;
      if (upto(1) < produces) end += static_cast<int64_t>(upto(1000));
      if (upto(1) < moves) committed = std::min(end, committed + static_cast<int64_t>(upto(1500)));
      if (upto(1) < 0.01) committed -= static_cast<int64_t>(upto(50000));
      if (previous && *previous != committed) moved = now;
      update_progress(progress, {at(now), committed, previous, end - committed, std::nullopt}, kParameters);
      if (end == committed) behind_since = now;
      if (now - last_seen > 300) behind_since = std::max(behind_since, now);
      last_seen = now;
      previous = committed;
      const auto status = progress_status(progress, members, kParameters);
      INFO("story " << story << " at " << now << ": " << name(status));
      if (end == committed) REQUIRE(status == Status::kOk);
      if (status == Status::kStalled || status == Status::kStopped) {
        REQUIRE(members == (status == Status::kStalled));
        REQUIRE(now - std::max(moved, behind_since) >= 299.9);
      }
      if (status == Status::kLagging) {
        REQUIRE(now - moved < 1300);
        REQUIRE(now - behind_since >= 299.9);
      }
      REQUIRE((progress.moved == model::kNoTick) == (moved < 0));
    }
  }
}
