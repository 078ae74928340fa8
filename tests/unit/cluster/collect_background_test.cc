#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "analysis/merge_background.h"
#include "analysis/next_snapshot.h"
#include "cluster/fake_cluster.h"

// What is requested between two polls.
using namespace kafkascope;
using namespace kafkascope::cluster;
using model::Collector;
using model::ReadState;

namespace {

constexpr auto kSlowApis = {kDescribeConfigs, protocol::kDescribeLogDirs, protocol::kFetch};

int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// As fill(), and the brokers respond to slow collectors. The group is three records behind on t0, partition 0; they
/// came an hour, a minute and a second ago.
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
    snapshot = analysis::next_snapshot({}, ask_until(source, {}, all_right), cluster.options);
  }
  model::BackgroundResult collect_background(bool all_topic_configs, bool dirs, std::chrono::milliseconds time = 1min,
                                             int rounds = 4) {
    return source.collect_background(
        {std::chrono::steady_clock::now() + time, all_topic_configs, dirs, rounds, &snapshot});
  }
  void merge_background(model::BackgroundResult result) {
    snapshot = analysis::merge_background(std::move(snapshot), std::move(result), model::Options());
  }

  KafkaSource source;
  model::Snapshot snapshot;
};

std::vector<Collector> collectors(const model::BackgroundResult& result) {
  std::vector<Collector> collectors;
  for (const auto& run : result.runs) collectors.push_back(run.collector);
  return collectors;
}

const model::CollectorRun& run_of(const model::BackgroundResult& result, Collector collector) {
  const auto run =
      std::find_if(result.runs.begin(), result.runs.end(), [&](auto& r) { return r.collector == collector; });
  REQUIRE(run != result.runs.end());
  return *run;
}

bool all_right(const model::BackgroundResult& result) {
  return std::all_of(result.runs.begin(), result.runs.end(), [](auto& run) { return run.success(); });
}

}  // namespace

TEST_CASE("Between two polls settings, ages and log directories are asked for when they are due") {
  FakeKafka kafka(2);
  fill_slowly(kafka, 2);
  Polled polled(kafka.config());
  const auto result = polled.collect_background(true, true);
  CHECK(all_right(result));
  CHECK(collectors(result) == std::vector{Collector::kTopicConfigs, Collector::kTimeLag, Collector::kLogDirs});
  CHECK(result.settings_state == std::vector{ReadState::kOk, ReadState::kOk});
  CHECK(result.settings.at(0).cleanup_policy == "delete");
  REQUIRE(result.log_dirs.size() == 2);
  REQUIRE(result.log_dirs.at(2));
  CHECK(result.log_dirs.at(2)->dirs.at(0).path == "/data");
  CHECK(result.requests.at("DescribeLogDirs") == 2);
  CHECK(result.markers.empty());
}

TEST_CASE("Of a record that was there before us, the brokers' time index tells how old it is") {
  FakeKafka kafka(2);
  fill_slowly(kafka, 2);
  Polled polled(kafka.config());
  const int before = kafka.got(1, protocol::kListOffsets), of_others = kafka.got(2, protocol::kListOffsets);
  const auto result = polled.collect_background(false, false);
  REQUIRE(result.appended.size() == 1);
  CHECK(result.appended[0].first == model::RecordPosition{0, 7});
  REQUIRE(result.appended[0].second);
  const auto age = std::chrono::duration_cast<std::chrono::seconds>(result.at - *result.appended[0].second).count();
  CHECK(std::abs(age - 3600) < 300);  // as near as the search came, and what the machine took
  CHECK(result.requests.at("ListOffsets") == static_cast<uint64_t>(kafka.got(1, protocol::kListOffsets) - before));
  CHECK(kafka.got(2, protocol::kListOffsets) == of_others);
}

TEST_CASE("Brokers are asked about single records as often as the plan says") {
  FakeKafka kafka(3);
  fill_slowly(kafka, 3);
  Polled polled(kafka.config());
  model::BackgroundResult result;
  for (int polls = 0; result.appended.empty() && polls < 100; ++polls) {
    result = polled.collect_background(false, false, 1min, 1);
    CHECK(result.requests.at("ListOffsets") == 1);  // one leader, one round
  }
  CHECK(result.appended.size() == 1);
}

TEST_CASE("A record that alone has kept a group from the end for long is looked at: it may be a transaction's mark") {
  FakeKafka kafka(1);
  fill_slowly(kafka, 1);
  Polled polled(kafka.config());
  auto& row = polled.snapshot.groups.at(0).partitions.at(0);
  row.lag.value = 1;
  row.lag_seconds = 400;
  const auto result = polled.collect_background(false, false);
  CHECK(all_right(result));
  REQUIRE(result.markers.size() == 1);
  CHECK(result.markers[0] == std::pair{model::RecordPosition{0, 7}, true});
  CHECK(result.requests.at("Fetch") == 1);
}

TEST_CASE("Topics whose settings were never asked for are asked about at once, the others when they are due") {
  FakeKafka kafka(1);
  fill_slowly(kafka, 1);
  Polled polled(kafka.config());
  polled.snapshot.settings_state = {true, false};
  CHECK(polled.collect_background(false, false).settings_state ==
        std::vector{ReadState::kNotRequested, ReadState::kOk});
  CHECK(polled.collect_background(true, false).settings_state == std::vector{ReadState::kOk, ReadState::kOk});
  polled.snapshot.settings_state = {true, true};
  const auto result = polled.collect_background(false, false);
  CHECK(result.settings_state.empty());
  CHECK(collectors(result) == std::vector{Collector::kTimeLag});
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
    const auto result = polled.collect_background(true, false);
    CHECK_FALSE(run_of(result, Collector::kTopicConfigs).success());
    for (size_t t = 0; t < topics; ++t) {
      if (result.settings_state[t] == ReadState::kOk) read[t] = true;
      // Those never requested stay so: they are due in the next poll, whatever else is.
      if (result.settings_state[t] != ReadState::kOk)
        CHECK((result.settings_state[t] == ReadState::kNotRequested) == !polled.snapshot.settings_state[t]);
    }
    CHECK(static_cast<size_t>(std::count(read.begin(), read.end(), true)) == expected);
    polled.merge_background(result);
  }
}

TEST_CASE("Record times are read when they are due, and again for partitions that changed") {
  FakeKafka kafka(2);
  fill_slowly(kafka, 2);
  Polled polled(kafka.config());
  const auto record_times = [&](bool newest, bool oldest) {
    BackgroundPlan plan{.deadline = std::chrono::steady_clock::now() + 1min, .rounds = 4, .last = &polled.snapshot};
    plan.newest_records = newest;
    plan.oldest_records = oldest;
    auto result = polled.source.collect_background(plan);
    CHECK(all_right(result));
    return result;
  };
  auto result = record_times(true, false);
  CHECK(collectors(result) == std::vector{Collector::kTopicConfigs, Collector::kTimeLag, Collector::kRecordTimes});
  CHECK(result.newest.size() == 3);  // one has no records
  CHECK(result.oldest.empty());
  CHECK(result.newest[0].offset == 10);
  CHECK(result.newest[0].ms > now_ms() - 60'000);
  polled.merge_background(result);
  CHECK(record_times(true, false).newest.empty());
  polled.snapshot.latest[0].value = 9;
  CHECK(record_times(true, false).newest.size() == 1);
  result = record_times(false, true);
  CHECK(result.newest.empty());
  CHECK(result.oldest.size() == 3);
  CHECK(result.oldest[0].ms < now_ms() - 3'000'000);
  CHECK(collectors(record_times(false, false)) == std::vector{Collector::kTimeLag});
}

TEST_CASE("Transactions are read when they are due, and nothing is looked up beside them") {
  FakeKafka kafka(1);
  fill_slowly(kafka, 1);
  Polled polled(kafka.config());
  polled.snapshot.settings_state = {true, true};
  BackgroundPlan plan{.deadline = std::chrono::steady_clock::now() + 1min, .rounds = 0, .last = &polled.snapshot};
  plan.transactions = true;
  const auto result = polled.source.collect_background(plan);
  CHECK(all_right(result));
  CHECK(collectors(result) == std::vector{Collector::kTimeLag, Collector::kTransactions});
  REQUIRE(result.transactions);
  CHECK(result.transactions->last_stable.size() == 3);
  CHECK(result.requests.at("ListOffsets") == 1);
  CHECK(result.appended.empty());
}

TEST_CASE("Features are read when they are due, in one request per broker") {
  FakeKafka kafka(1);
  fill_slowly(kafka, 1);
  kafka.set_features(1, {{{"metadata.version", 29}}, {{"metadata.version", 21}}, 7});
  Polled polled(kafka.config());
  polled.snapshot.settings_state = {true, true};
  BackgroundPlan plan{.deadline = std::chrono::steady_clock::now() + 1min, .rounds = 1, .last = &polled.snapshot};
  plan.features = true;
  const auto result = polled.source.collect_background(plan);
  CHECK(all_right(result));
  CHECK(collectors(result) == std::vector{Collector::kTimeLag, Collector::kFeatures});
  REQUIRE(result.features.size() == 1);
  CHECK(result.features.at(1)->finalized_epoch == 7);
}

TEST_CASE("Slow questions that are switched off are not asked") {
  FakeKafka kafka(1);
  fill_slowly(kafka, 1);
  auto cluster = kafka.config();
  cluster.disabled_collectors = {Collector::kTopicConfigs, Collector::kTimeLag,      Collector::kLogDirs,
                                 Collector::kRecordTimes,  Collector::kTransactions, Collector::kFeatures};
  Polled polled(cluster);
  const int before = kafka.got(1, protocol::kListOffsets);
  const auto result = polled.collect_background(true, true);
  CHECK(result.runs.empty());
  CHECK(result.requests.empty());
  CHECK(result.log_dirs.empty());
  for (const auto& api : kSlowApis) CHECK(kafka.got(1, api) == 0);
  CHECK(kafka.got(1, protocol::kListOffsets) == before);
}

TEST_CASE("What librdkafka asks by itself for slow questions is counted, too") {
  FakeKafka kafka(1);
  fill_slowly(kafka, 1);
  Polled polled(kafka.config());
  polled.collect_background(true, false);
  REQUIRE(await([&] { return polled.collect_background(false, false).own_requests.contains("DescribeConfigs"); }));
}

TEST_CASE("Slow questions that are refused say what to grant, and cost each other nothing") {
  FakeKafka kafka(1);
  fill_slowly(kafka, 1);
  kafka.on(1, kDescribeConfigs, configs({{"t0", {}, 29}, {"t1", {}, 29}}));
  kafka.on(1, protocol::kDescribeLogDirs, log_dirs({}, 31));
  Polled polled(kafka.config());
  const auto result = polled.collect_background(true, true);
  CHECK(run_of(result, Collector::kTopicConfigs).failures.at(0).reason == model::Reason::kAuthorization);
  CHECK(run_of(result, Collector::kLogDirs).failures.at(0).reason == model::Reason::kAuthorization);
  CHECK(run_of(result, Collector::kTimeLag).success());
  CHECK(result.settings_state == std::vector{ReadState::kFailed, ReadState::kFailed});
  REQUIRE(result.log_dirs.size() == 1);
  CHECK_FALSE(result.log_dirs.at(1));
}

TEST_CASE("A broker that is silent between two polls costs what it alone could tell, and no poll anything") {
  FakeKafka kafka(2);
  fill_slowly(kafka, 2);
  const auto cluster = impatient(kafka.config());
  Polled polled(cluster);
  polled.collect_background(true, true);  // connected
  kafka.hang(1, kDescribeConfigs);
  kafka.hang(1, protocol::kDescribeLogDirs);
  const auto result = polled.collect_background(true, true, 6s);
  CHECK(result.settings_state == std::vector{ReadState::kFailed, ReadState::kFailed});
  CHECK(run_of(result, Collector::kTopicConfigs).failures.at(0).reason == model::Reason::kTimeout);
  CHECK_FALSE(run_of(result, Collector::kLogDirs).success());
  CHECK_FALSE(result.log_dirs.at(1));
  CHECK(result.log_dirs.at(2));
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
    CHECK(all_right(polled.collect_background(true, true, 1h)));  // who is stopped has not failed, as a time-out has
  }
  CHECK(all_right(polled.collect_background(true, true, 1h)));
}
