#include "analysis/transactions.h"

#include <catch2/catch_test_macros.hpp>

#include "analysis/poll_results.h"

using namespace kafkascope::analysis;
namespace model = kafkascope::model;
using model::HangingTransaction;
using model::TransactionsResult;

namespace {

constexpr int64_t kNowMs = 1'700'000'000'000;
const model::Options kEveryMinute{.hold = 1min, .transactions_interval = 1min};
/// Topic a has the partitions 0 and 1, topic b the partition 2.
const auto kMetadata = cluster({{"a", 2}, {"b"}});

/// Everything was read: no transaction is open, and all offsets are stable (100).
TransactionsResult quiet() {
  TransactionsResult read;
  read.listed = read.described = true;
  read.last_stable = {100, 100, 100};
  return read;
}

/// A transaction of producer 7 that began at offset 40 of partition 1 is open since `age`.
TransactionsResult open(std::chrono::milliseconds age, int64_t timeout_ms = 60'000) {
  TransactionsResult read = quiet();
  read.states = {{"Ongoing", 1}, {"Empty", 3}};
  read.open = {{"id", "Ongoing", 7, kNowMs - age.count(), timeout_ms, {1}}};
  read.last_stable[1] = 40;
  return read;
}

/// A description by the partition's leader: it is held back by producer 7.
TransactionsResult with_producer(TransactionsResult read, bool known = true) {
  read.described_partitions = {1};
  read.blocking = {{1, 7, 2, 40}};
  if (known) read.producers = {{7, "id"}};
  return read;
}

/// No coordinator knows the transaction that holds partition 1.
TransactionsResult unknown() {
  TransactionsResult read = with_producer(quiet(), false);
  read.last_stable[1] = 40;
  return read;
}

class Transactions : public Story {
 public:
  Transactions() : Story(kEveryMinute) { then(poll(0s, kMetadata)); }
  const Snapshot& read(std::chrono::milliseconds when, TransactionsResult read) {
    model::BackgroundResult result;
    result.at = at(when);
    result.wall = model::WallTime(std::chrono::milliseconds(kNowMs));
    result.transactions = std::move(read);
    return add_lookup(std::move(result));
  }
  /// Reads the same every minute.
  const Snapshot& read_until(std::chrono::seconds from, std::chrono::seconds to, const TransactionsResult& same) {
    for (auto when = from; when <= to; when += 60s) read(when, same);
    return now();
  }
};

std::vector<Value> hanging(const Snapshot& now) {
  std::vector<Value> values;
  for (const auto& topic : transaction_figures(now)) values.push_back(topic.hanging);
  return values;
}
std::vector<double> held_for(const Snapshot& now) {
  std::vector<double> values;
  for (const auto& topic : transaction_figures(now)) values.push_back(topic.held_seconds);
  return values;
}
using Values = std::vector<Value>;
using Seconds = std::vector<double>;

}  // namespace

// ----------------------------------------------------------------------------------------------------------
// coordinators

TEST_CASE("States and the age of the oldest open transaction are as described by coordinators") {
  Transactions story;
  CHECK_FALSE(story.now().transaction_states);
  story.read(1s, open(90s));
  CHECK(*story.now().transaction_states.value == std::map<std::string, int64_t>{{"Ongoing", 1}, {"Empty", 3}});
  CHECK(*story.now().oldest_transaction_seconds.value == 90);
  auto two = open(30s);
  two.open.push_back({"other", "PrepareAbort", 9, kNowMs - 300'000, 1000});
  two.open.push_back({"no start", "PrepareCommit", 10, -1, 1000});
  CHECK(*story.read(61s, two).oldest_transaction_seconds.value == 300);
  CHECK(*story.read(121s, quiet()).oldest_transaction_seconds.value == 0);
}

TEST_CASE("States and age are held if a coordinator did not answer, for twice the interval") {
  Transactions story;
  story.read(1s, open(90s));
  auto failed = quiet();
  failed.listed = failed.described = false;
  story.read(61s, failed);
  CHECK(story.now().transaction_states.held());
  CHECK(*story.now().oldest_transaction_seconds.value == 90);
  story.then(poll(180s, kMetadata));
  CHECK(story.now().transaction_states);
  story.then(poll(181s, kMetadata));
  CHECK_FALSE(story.now().transaction_states);
  CHECK_FALSE(story.now().oldest_transaction_seconds);
}

TEST_CASE("Coordinators that are too old leave everything absent") {
  Transactions story;
  auto old = quiet();
  old.listed = old.described = false;
  story.read(1s, old);
  CHECK_FALSE(story.now().transaction_states);
  CHECK_FALSE(story.now().oldest_transaction_seconds);
  CHECK(hanging(story.now()) == Values{fresh(0), fresh(0)});  // last stable offsets are known
}

// --------------------------------------------------------------------------------------------------- last stable
// offsets

TEST_CASE("A last stable offset is held for as long as it stands still below the end") {
  Transactions story;
  CHECK(hanging(story.now()) == Values{kUnknown, kUnknown});
  CHECK(held_for(story.read(1s, open(1s))) == Seconds{0, 0});
  CHECK(held_partitions(story.now()) == std::map<uint32_t, int64_t>{{1, 40}});
  CHECK(held_for(story.read(61s, open(61s))) == Seconds{60, 0});
  CHECK(held_for(story.then(poll(75s, kMetadata))) == Seconds{60, 0});  // as of the last reading
  auto moved = open(121s);
  moved.last_stable = {90, 41, 100};
  CHECK(held_for(story.read(121s, moved)) == Seconds{0, 0});
  CHECK(held_partitions(story.now()) == std::map<uint32_t, int64_t>{{0, 90}, {1, 41}});
  moved.last_stable = {90, 100, 100};
  CHECK(held_for(story.read(181s, moved)) == Seconds{60, 0});
  CHECK(held_for(story.read(241s, quiet())) == Seconds{0, 0});
  CHECK(held_partitions(story.now()).empty());
}

TEST_CASE("A last stable offset at which the partition had ended before is held since it is below the end") {
  Transactions story;
  auto result = poll(0s, kMetadata);
  result.latest = {100, 40, 100};
  story.then(result);
  story.read(1s, open(1s));
  story.then(poll(60s, kMetadata));
  CHECK(held_for(story.read(61s, open(1s))) == Seconds{0, 0});
  CHECK(held_for(story.read(121s, open(1s))) == Seconds{60, 0});
}

TEST_CASE("Last stable offsets of the poll are used if it reads them") {
  model::Options options = kEveryMinute;
  options.read_committed = true;
  Story story(options);
  auto result = poll(0s, kMetadata);
  result.last_stable = {100, 40, 100};
  for (const auto when : {0s, 60s}) {
    result.at = at(when);
    story.then(result);
    model::BackgroundResult background;
    background.at = at(when);
    background.transactions = open(90s);
    background.transactions->last_stable.clear();
    story.add_lookup(background);
  }
  CHECK(held_for(story.now()) == Seconds{60, 0});
}

TEST_CASE("A topic's values are held while a last stable offset is not read, and then absent") {
  Transactions story;
  story.read(1s, open(1s));
  story.read(61s, open(61s));
  auto failed = open(121s);
  failed.last_stable = {100, model::kFailedOffset, 100};
  CHECK(hanging(story.read(121s, failed)) == Values{held(0, 121s), fresh(0)});
  CHECK(held_for(story.now()) == Seconds{60, 0});
  CHECK(hanging(story.then(poll(241s, kMetadata))) == Values{kUnknown, fresh(0)});
}

// ---------------------------------------------------------------------------------------------------------------
// hanging

TEST_CASE("A transaction within its timeout does not hang") {
  Transactions story;
  story.read(1s, open(1s));
  for (const auto age : {61s, 90s}) {  // 60 s and a grace of 30 s
    story.read(61s + age, with_producer(open(age)));
    CHECK(hanging(story.now()) == Values{fresh(0), fresh(0)});
    CHECK(story.now().transaction_events.empty());
  }
}

TEST_CASE("A transaction that its coordinator has not ended after its timeout hangs") {
  Transactions story;
  story.read(1s, open(60s));
  story.read(61s, with_producer(open(91s)));
  CHECK(hanging(story.now()) == Values{fresh(1), fresh(0)});
  const auto& events = story.now().transaction_events;
  REQUIRE(events.size() == 1);
  CHECK(events[0].topic == "a");
  CHECK(events[0].partition == 1);
  CHECK(events[0].hangs);
  CHECK(events[0].held_seconds == 60);
  CHECK(events[0].transaction == HangingTransaction{HangingTransaction::Reason::kTimedOut, 7, 2, 40, "id"});
  story.read(121s, with_producer(open(151s)));
  CHECK(hanging(story.now()) == Values{fresh(1), fresh(0)});
  CHECK(story.now().transaction_events.empty());  // once
  story.read(181s, quiet());
  CHECK(hanging(story.now()) == Values{fresh(0), fresh(0)});
  REQUIRE(story.now().transaction_events.size() == 1);
  CHECK_FALSE(story.now().transaction_events[0].hangs);
  CHECK(story.then(poll(195s, kMetadata)).transaction_events.empty());
}

TEST_CASE("A transaction that no coordinator knows hangs after the longest time that one may last") {
  Transactions story;
  story.read(0s, unknown());
  story.read_until(60s, 900s, unknown());
  CHECK(hanging(story.now()) == Values{fresh(0), fresh(0)});  // 15 min
  story.read(960s, unknown());
  CHECK(hanging(story.now()) == Values{fresh(1), fresh(0)});
  REQUIRE(story.now().transaction_events.size() == 1);
  CHECK(story.now().transaction_events[0].transaction ==
        HangingTransaction{HangingTransaction::Reason::kUnknownToCoordinator, 7, 2, 40, ""});
}

TEST_CASE("The longest time of a transaction is that of the brokers, if they may be asked") {
  Transactions story;
  model::BackgroundResult settings;
  settings.at = at(1s);
  settings.max_transaction_ms = 100'000;
  story.add_lookup(settings);
  story.read_until(2s, 62s, unknown());
  CHECK(hanging(story.now()) == Values{fresh(0), fresh(0)});
  story.then(poll(75s, kMetadata));
  CHECK(hanging(story.read(122s, unknown())) == Values{fresh(1), fresh(0)});
}

TEST_CASE("A transaction that its coordinator knows, but not with this partition, is like one that it does not know") {
  Transactions story;
  auto other = with_producer(open(10s));
  other.open[0].partitions = {0};
  story.read_until(0s, 900s, other);
  CHECK(hanging(story.now()) == Values{fresh(0), fresh(0)});
  CHECK(hanging(story.read(960s, other)) == Values{fresh(1), fresh(0)});
  CHECK(story.now().hanging.at(1).transactional_id == "id");
}

TEST_CASE("What cannot be decided stays, unless the last stable offset has moved") {
  Transactions story;
  story.read(1s, open(60s));
  story.read(61s, with_producer(open(91s)));
  auto unlisted = with_producer(open(151s));
  unlisted.listed = false;
  CHECK(hanging(story.read(121s, unlisted)) == Values{fresh(1), fresh(0)});
  CHECK(hanging(story.read(181s, open(211s))) == Values{fresh(1), fresh(0)});  // the leader did not respond
  unlisted.last_stable[1] = 50;
  CHECK(hanging(story.read(241s, unlisted)) == Values{fresh(0), fresh(0)});
  // Nor is one found that way: its coordinator may know it.
  Transactions other;
  auto unknown_unlisted = unknown();
  unknown_unlisted.listed = false;
  other.read_until(0s, 1200s, unknown_unlisted);
  CHECK(hanging(other.now()) == Values{fresh(0), fresh(0)});
}

TEST_CASE("Hanging transactions follow their partitions, and end with their topic") {
  Transactions story;
  story.read(1s, open(60s));
  story.read(61s, with_producer(open(91s)));
  story.then(poll(75s, cluster({{"0"}, {"a", 2}, {"b"}})));
  CHECK(story.now().hanging.contains(2));
  CHECK(hanging(story.now()) == Values{kUnknown, fresh(1), fresh(0)});
  story.then(poll(90s, cluster({{"0"}, {"a", 2, 'z'}, {"b"}})));
  CHECK(story.now().hanging.empty());
}
