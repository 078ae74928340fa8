#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "analysis/advance.h"
#include "cluster/fake_cluster.h"

// What is asked between two polls.
using namespace kafkascope;
using namespace kafkascope::cluster;
using model::Asked;
using model::Collector;

namespace {

constexpr auto kSlowApis = {kDescribeConfigs, protocol::kDescribeLogDirs, protocol::kFetch};

int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// As fill(), and the brokers answer what is slow. The group is three records behind on t0, partition 0; they came an
/// hour, a minute and a second ago.
void fill_slowly(FakeKafka& kafka, int32_t brokers) {
  fill(kafka, brokers);
  const int64_t now = now_ms();
  kafka.set_topic("t0",
                  {{.leader = 1, .end = 10, .times = {0, 0, 0, 0, 0, 0, 0, now - 3'600'000, now - 60'000, now - 1000}},
                   {.leader = brokers, .end = 20}});
  for (int32_t b = 1; b <= brokers; ++b) {
    kafka.on(b, protocol::kOffsetFetch, commits({{"g", {{"t0", 0, 7}}}}));
    kafka.on(b, kDescribeConfigs, delete_policies());
    kafka.on(b, protocol::kDescribeLogDirs, log_dirs({{"/data", {{"t0", 0, 100}}}}));
    kafka.on(b, protocol::kFetch, batch(BatchIs{7, 7, true}));
  }
}

/// A source and the snapshot of a poll by it.
struct Polled {
  explicit Polled(const config::Cluster& cluster) : source(cluster) {
    snapshot = analysis::advance({}, ask_until(source, {}, all_right), cluster.options);
  }
  model::SlowFacts ask_slowly(bool all_topic_configs, bool dirs, std::chrono::milliseconds time = 1min,
                              int rounds = 4) {
    return source.ask_slowly({std::chrono::steady_clock::now() + time, all_topic_configs, dirs, rounds, &snapshot});
  }
  void complete(model::SlowFacts facts) {
    snapshot = analysis::complete(std::move(snapshot), std::move(facts), model::Options());
  }

  KafkaSource source;
  model::Snapshot snapshot;
};

std::vector<Collector> collectors(const model::SlowFacts& facts) {
  std::vector<Collector> collectors;
  for (const auto& run : facts.runs) collectors.push_back(run.collector);
  return collectors;
}

const model::CollectorRun& run_of(const model::SlowFacts& facts, Collector collector) {
  const auto run =
      std::find_if(facts.runs.begin(), facts.runs.end(), [&](auto& r) { return r.collector == collector; });
  REQUIRE(run != facts.runs.end());
  return *run;
}

bool all_right(const model::SlowFacts& facts) {
  return std::all_of(facts.runs.begin(), facts.runs.end(), [](auto& run) { return run.success(); });
}

}  // namespace

TEST_CASE("Between two polls settings, ages and log directories are asked for when they are due") {
  FakeKafka kafka(2);
  fill_slowly(kafka, 2);
  Polled polled(kafka.config());
  const auto facts = polled.ask_slowly(true, true);
  CHECK(all_right(facts));
  CHECK(collectors(facts) == std::vector{Collector::kTopicConfigs, Collector::kTimeLag, Collector::kLogDirs});
  CHECK(facts.settings_asked == std::vector{Asked::kRead, Asked::kRead});
  CHECK(facts.settings.at(0).cleanup_policy == "delete");
  REQUIRE(facts.log_dirs.size() == 2);
  REQUIRE(facts.log_dirs.at(2));
  CHECK(facts.log_dirs.at(2)->dirs.at(0).path == "/data");
  CHECK(facts.requests.at("DescribeLogDirs") == 2);
  CHECK(facts.markers.empty());
}

TEST_CASE("Of a record that was there before us, the brokers' time index tells how old it is") {
  FakeKafka kafka(2);
  fill_slowly(kafka, 2);
  Polled polled(kafka.config());
  const int before = kafka.got(1, protocol::kListOffsets), of_others = kafka.got(2, protocol::kListOffsets);
  const auto facts = polled.ask_slowly(false, false);
  REQUIRE(facts.appended.size() == 1);
  CHECK(facts.appended[0].first == model::OldRecord{0, 7});
  REQUIRE(facts.appended[0].second);
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(facts.at - *facts.appended[0].second).count();
  CHECK(std::abs(age - 3600) < 300);  // as near as the search came, and what the machine took
  CHECK(facts.requests.at("ListOffsets") == static_cast<uint64_t>(kafka.got(1, protocol::kListOffsets) - before));
  CHECK(kafka.got(2, protocol::kListOffsets) == of_others);
}

TEST_CASE("Brokers are asked about single records as often as the plan says") {
  FakeKafka kafka(3);
  fill_slowly(kafka, 3);
  Polled polled(kafka.config());
  model::SlowFacts facts;
  for (int polls = 0; facts.appended.empty() && polls < 100; ++polls) {
    facts = polled.ask_slowly(false, false, 1min, 1);
    CHECK(facts.requests.at("ListOffsets") == 1);  // one leader, one round
  }
  CHECK(facts.appended.size() == 1);
}

TEST_CASE("A record that alone has kept a group from the end for long is looked at: it may be a transaction's mark") {
  FakeKafka kafka(1);
  fill_slowly(kafka, 1);
  Polled polled(kafka.config());
  auto& row = polled.snapshot.groups.at(0).partitions.at(0);
  row.lag.value = 1;
  row.waiting_seconds = 400;
  const auto facts = polled.ask_slowly(false, false);
  CHECK(all_right(facts));
  REQUIRE(facts.markers.size() == 1);
  CHECK(facts.markers[0] == std::pair{model::OldRecord{0, 7}, std::optional(true)});
  CHECK(facts.requests.at("Fetch") == 1);
}

TEST_CASE("Topics whose settings were never asked for are asked about at once, the others when they are due") {
  FakeKafka kafka(1);
  fill_slowly(kafka, 1);
  Polled polled(kafka.config());
  polled.snapshot.settings_asked = {true, false};
  CHECK(polled.ask_slowly(false, false).settings_asked == std::vector{Asked::kNo, Asked::kRead});
  CHECK(polled.ask_slowly(true, false).settings_asked == std::vector{Asked::kRead, Asked::kRead});
  polled.snapshot.settings_asked = {true, true};
  const auto facts = polled.ask_slowly(false, false);
  CHECK(facts.settings_asked.empty());
  CHECK(collectors(facts) == std::vector{Collector::kTimeLag});
  CHECK(kafka.got(1, kDescribeConfigs) == 2);
  CHECK(kafka.got(1, protocol::kDescribeLogDirs) == 0);
}

TEST_CASE("Topic settings that a run does not get to are unread, and the next run begins with them") {
  FakeKafka kafka(1, 2500);
  fill_slowly(kafka, 1);
  Polled polled(kafka.config());
  int requests = 0;  // of one run: the broker manages only one
  kafka.on(1, kDescribeConfigs, [&](int16_t version, std::string_view body) {
    return requests++ > 0 ? std::string(9, '\x7f') : delete_policies()(version, body);
  });
  const size_t topics = polled.snapshot.numbering->topics.size();
  std::vector<bool> read(topics);
  for (const size_t expected : {1000, 2000, 2500, 2500}) {
    requests = 0;
    const auto facts = polled.ask_slowly(true, false);
    CHECK_FALSE(run_of(facts, Collector::kTopicConfigs).success());
    for (size_t t = 0; t < topics; ++t) {
      if (facts.settings_asked[t] == Asked::kRead) read[t] = true;
      // Those that were never asked stay so: they are due in the next poll, whatever else is.
      if (facts.settings_asked[t] != Asked::kRead)
        CHECK((facts.settings_asked[t] == Asked::kNo) == !polled.snapshot.settings_asked[t]);
    }
    CHECK(static_cast<size_t>(std::count(read.begin(), read.end(), true)) == expected);
    polled.complete(facts);
  }
}

TEST_CASE("Slow questions that are switched off are not asked") {
  FakeKafka kafka(1);
  fill_slowly(kafka, 1);
  auto cluster = kafka.config();
  cluster.disabled_collectors = {Collector::kTopicConfigs, Collector::kTimeLag, Collector::kLogDirs};
  Polled polled(cluster);
  const int before = kafka.got(1, protocol::kListOffsets);
  const auto facts = polled.ask_slowly(true, true);
  CHECK(facts.runs.empty());
  CHECK(facts.requests.empty());
  CHECK(facts.log_dirs.empty());
  for (const auto& api : kSlowApis) CHECK(kafka.got(1, api) == 0);
  CHECK(kafka.got(1, protocol::kListOffsets) == before);
}

TEST_CASE("What librdkafka asks by itself for slow questions is counted, too") {
  FakeKafka kafka(1);
  fill_slowly(kafka, 1);
  Polled polled(kafka.config());
  polled.ask_slowly(true, false);
  REQUIRE(await([&] { return polled.ask_slowly(false, false).own_requests.contains("DescribeConfigs"); }));
}

TEST_CASE("Slow questions that are refused say what to grant, and cost each other nothing") {
  FakeKafka kafka(1);
  fill_slowly(kafka, 1);
  kafka.on(1, kDescribeConfigs, configs({{"t0", {}, 29}, {"t1", {}, 29}}));
  kafka.on(1, protocol::kDescribeLogDirs, log_dirs({}, 31));
  Polled polled(kafka.config());
  const auto facts = polled.ask_slowly(true, true);
  CHECK(run_of(facts, Collector::kTopicConfigs).failures.at(0).reason == model::Reason::kAuthorization);
  CHECK(run_of(facts, Collector::kLogDirs).failures.at(0).reason == model::Reason::kAuthorization);
  CHECK(run_of(facts, Collector::kTimeLag).success());
  CHECK(facts.settings_asked == std::vector{Asked::kUnread, Asked::kUnread});
  REQUIRE(facts.log_dirs.size() == 1);
  CHECK_FALSE(facts.log_dirs.at(1));
}

TEST_CASE("A broker that is silent between two polls costs what it alone could tell, and no poll anything") {
  FakeKafka kafka(2);
  fill_slowly(kafka, 2);
  const auto cluster = impatient(kafka.config());
  Polled polled(cluster);
  polled.ask_slowly(true, true);  // connected
  kafka.hang(1, kDescribeConfigs);
  kafka.hang(1, protocol::kDescribeLogDirs);
  const auto facts = polled.ask_slowly(true, true, 6s);
  CHECK(facts.settings_asked == std::vector{Asked::kUnread, Asked::kUnread});
  CHECK(run_of(facts, Collector::kTopicConfigs).failures.at(0).reason == model::Reason::kTimeout);
  CHECK_FALSE(run_of(facts, Collector::kLogDirs).success());
  CHECK_FALSE(facts.log_dirs.at(1));
  CHECK(facts.log_dirs.at(2));
  CHECK(all_right(ask(polled.source, polled.snapshot)));  // over connections of its own
}

TEST_CASE("Who is stopped while a slow question is asked returns at once, now and later") {
  FakeKafka kafka(1);
  fill_slowly(kafka, 1);
  Polled polled(kafka.config());
  const auto silent = GENERATE(as<std::string>(), "configs", "times", "dirs");
  const protocol::Api& api = silent == "configs" ? kDescribeConfigs
                             : silent == "times" ? protocol::kListOffsets
                                                 : protocol::kDescribeLogDirs;
  INFO(silent);
  kafka.hang(1, api);
  const int before = kafka.got(1, api);
  {
    const std::jthread stopper([&] {
      await([&] { return kafka.got(1, api) > before; });
      polled.source.stop();
    });
    CHECK(all_right(polled.ask_slowly(true, true, 1h)));  // who is stopped has not failed, as a time-out has
  }
  CHECK(all_right(polled.ask_slowly(true, true, 1h)));
}
