#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <stdexcept>
#include <thread>

#include "cluster/line.h"
#include "kafka/limits.h"

// What a poller requests between two polls.
using namespace kafkascope;
using namespace kafkascope::cluster;
using model::Collector;

namespace {

/// Long enough for requests between two polls, also on a busy machine.
constexpr std::chrono::milliseconds kInterval{250};

model::Options slow_options(std::chrono::milliseconds interval) {
  model::Options options;
  options.topic_configs_interval = options.log_dirs_interval = options.record_times_interval =
      options.transactions_interval = options.features_interval = interval;
  return options;
}

model::BackgroundResult slow_facts() {
  model::BackgroundResult result;
  result.at = steady_clock::now();
  return result;
}

/// That the topic orders keeps its records for a day.
model::BackgroundResult some_settings() {
  auto result = slow_facts();
  result.settings_state = {model::ReadState::kOk};
  result.settings = {{.cleanup_policy = "delete", .retention_ms = 86'400'000}};
  result.runs = {{Collector::kTopicConfigs, 0.01, {}}};
  return result;
}

model::BackgroundResult some_failure() {
  auto result = slow_facts();
  result.runs = {{Collector::kTopicConfigs, 0.01, {{model::Reason::kTimeout, "silent"}}},
                 {Collector::kLogDirs, 0.01, {{model::Reason::kTimeout, "silent"}}}};
  return result;
}

const std::string kRetention = "kafka_topic_retention_seconds{topic=\"orders\"}";
const std::string kSuccess = "kafka_exporter_collector_success{collector=\"topic_configs\"}";

/// The pages at the time of the slow collectors and of the next poll.
struct Pages {
  std::shared_ptr<const metrics::Page> before, after;
};

/// Of the first slow questions, when they are answered so.
Pages around(const model::BackgroundResult& answer) {
  Line line(kInterval);
  Pages pages;
  line.set_answer([&](const PollPlan&) {
    if (pages.before && !pages.after) pages.after = line.publisher.page();
    return some_poll();
  });
  line.kafka.slow_answer = [&](const BackgroundPlan&) {
    if (!pages.before) pages.before = line.publisher.page();
    return answer;
  };
  line.start();
  line.await_slow_questions(2);
  line.poller.reset();
  REQUIRE(pages.after);
  return pages;
}

}  // namespace

TEST_CASE("After a poll the slow questions are asked, of what it has left, until some time before the next one") {
  Line line(1h);
  bool up = false;
  size_t topics = 0;
  std::string page_up;
  line.kafka.slow_answer = [&](const BackgroundPlan& plan) {
    up = plan.last->up;
    topics = plan.last->numbering->topics.size();
    page_up = line.value("kafka_up");
    return slow_facts();
  };
  const auto start = steady_clock::now();
  line.start();
  line.await_slow_questions(1);
  line.poller.reset();
  const auto& [polls, plan] = line.kafka.slow_plans.at(0);
  CHECK(polls == 1);
  CHECK(up);
  CHECK(topics == 1);
  CHECK(page_up == "1");  // the poll is on the page by then
  CHECK(plan.deadline > start);
  CHECK(plan.deadline < start + 50min);  // so that they do not make it late, even if they take all their time
}

TEST_CASE("Nothing is asked between two polls when the next one is near") {
  Line line(100ms);
  line.set_answer([](const PollPlan& plan) {
    std::this_thread::sleep_until(plan.deadline - 30ms);
    return some_poll();
  });
  line.start();
  line.await_polls(4);
  line.poller.reset();
  CHECK(line.kafka.slow_plans.empty());
}

TEST_CASE("Without metadata nothing is asked slowly, neither before the first nor while it is held") {
  Line line(100ms, failed_poll);
  line.start();
  line.await_polls(3);
  line.set_answer([](const PollPlan&) { return some_poll(); });
  line.await_slow_questions(1);
  line.set_answer(failed_poll);
  line.await_polls(line.polls() + 2);
  const size_t before = line.slow_questions();
  line.await_polls(line.polls() + 2);
  CHECK(line.slow_questions() == before);
  line.poller.reset();
  CHECK(line.kafka.slow_plans.at(0).first > 3);
}

// -------------------------------------------------------------------------------------------------- what is due when

TEST_CASE(
    "Topic configurations are due at once, the others one by one from the second poll on, and then not for their "
    "time") {
  Line line(kInterval, {}, slow_options(1h));
  line.start();
  line.await_polls(10);
  line.poller.reset();
  const auto& plans = line.kafka.slow_plans;
  int turn = 0;  // without those that are due to start offsets
  for (const auto& [polls, plan] : plans) {
    INFO(polls);
    if (polls % 4 != 1) ++turn;
    CHECK(plan.all_topic_configs == (polls == 1));
    CHECK(plan.log_dirs == (turn == 1 && polls % 4 != 1));
    CHECK(plan.newest_records == (turn == 2 && polls % 4 != 1));
    CHECK(plan.oldest_records == (turn == 3 && polls % 4 != 1));
    CHECK(plan.transactions == (turn == 4 && polls % 4 != 1));
    CHECK(plan.features == (turn == 5 && polls % 4 != 1));
  }
  CHECK(turn > 5);
}

TEST_CASE("Slow questions whose time is over are due again, by turns, and in no poll that asks for all start offsets") {
  Line line(kInterval, {}, slow_options(1ms));
  line.start();
  line.await_polls(12);
  line.poller.reset();
  int turns = 0;
  for (const auto& [polls, plan] : line.kafka.slow_plans) {
    INFO(polls);
    const bool other = plan.log_dirs || plan.newest_records || plan.oldest_records || plan.features;
    CHECK(plan.rounds == (plan.transactions ? 0 : 2 - (polls % 4 == 1) - other));
    CHECK(plan.start_rounds == kafka::kStartRounds);
    if (polls == 1) {
      CHECK(plan.all_topic_configs);
      CHECK_FALSE((other || plan.transactions));
      continue;
    }
    const int turn = polls % 4 == 1 ? -1 : turns++ % 6;
    CHECK(plan.log_dirs == (turn == 0));
    CHECK(plan.newest_records == (turn == 1));
    CHECK(plan.oldest_records == (turn == 2));
    CHECK(plan.transactions == (turn == 3));
    CHECK(plan.features == (turn == 4));
    CHECK(plan.all_topic_configs == (turn == 5));
  }
}

TEST_CASE("After the start there are 40 rounds in all, then the budget of every poll") {
  Line line(kInterval);
  line.kafka.slow_answer = [](const BackgroundPlan&) {
    auto result = slow_facts();
    result.rounds = 15;
    return result;
  };
  line.start();
  line.await_slow_questions(5);
  line.poller.reset();
  std::vector<int> left;
  for (const auto& [polls, plan] : line.kafka.slow_plans) left.push_back(plan.start_rounds);
  left.resize(4);
  CHECK(left == std::vector{40, 25, 10, 0});
}

TEST_CASE("Slow questions that failed are not asked again in the next poll, unless they are due anyway") {
  for (const bool due : {false, true}) {
    Line line(kInterval, {}, slow_options(due ? 1ms : 1h));
    line.kafka.slow_answer = [](const BackgroundPlan&) { return some_failure(); };
    line.start();
    line.await_slow_questions(9);
    line.poller.reset();
    const auto& plans = line.kafka.slow_plans;
    const bool again = std::any_of(plans.begin() + 7, plans.end(), [](const auto& asked) {
      return asked.second.all_topic_configs || asked.second.log_dirs;
    });
    CHECK(again == due);
  }
}

TEST_CASE("Log directories are requested more often while replicas move between them") {
  auto options = slow_options(1h);
  options.log_dirs_interval = 10s;
  Line line(kInterval, {}, options);
  std::vector<model::Time> asked;
  line.kafka.slow_answer = [&](const BackgroundPlan& plan) {
    auto result = slow_facts();
    if (plan.log_dirs) {
      asked.push_back(result.at);
      result.log_dirs[1].emplace().future_replicas = 1;
    }
    return result;
  };
  line.start();
  REQUIRE(line.await([&] {
    const std::lock_guard lock(line.kafka.mutex);
    return asked.size() >= 2;
  }));
  line.poller.reset();
  CHECK(asked[1] - asked[0] >= 2s);
  CHECK(asked[1] - asked[0] < 9s);
}

// -------------------------------------------------------------------------------------------------- what is published

TEST_CASE("What slow questions teach is on the page at once, with how they fared and what they cost") {
  Line line(1h);
  line.kafka.slow_answer = [](const BackgroundPlan&) {
    auto result = some_settings();
    result.requests = {{"DescribeLogDirs", 3}};
    result.own_requests = {{"DescribeConfigs", 2}};
    return result;
  };
  line.start();
  REQUIRE(line.await_value(kRetention, "86400"));
  CHECK(line.value(kSuccess) == "1");
  CHECK(line.value("kafka_exporter_kafka_requests_total{api=\"DescribeLogDirs\"}") == "3");
  CHECK(line.value("kafka_exporter_kafka_requests_total{api=\"DescribeConfigs\"}") == "2");
  CHECK(line.value(kEnd) == "100");
  const auto cluster = line.publisher.page()->clusters().at(0);
  CHECK(cluster.up);
  CHECK(cluster.collectors.at(4).name == "topic_configs");
  CHECK(cluster.collectors.at(4).success);
}

TEST_CASE("Whatever the slow questions teach is a page of its own") {
  auto settings = some_settings();
  auto dirs = slow_facts();
  dirs.log_dirs[1].emplace().dirs.emplace_back().path = "/data";
  auto silent_dirs = slow_facts();
  silent_dirs.log_dirs[1] = std::nullopt;
  auto appended = slow_facts();
  appended.appended = {{{0, 7}, std::nullopt}};
  auto markers = slow_facts();
  markers.markers = {{{0, 7}, true}};
  auto features = slow_facts();
  features.features[1].emplace().finalized_epoch = 1;
  for (const auto& result : {settings, dirs, silent_dirs, appended, markers, features}) {
    const auto pages = around(result);
    CHECK(pages.before != pages.after);
  }
}

TEST_CASE("Slow questions that teach nothing publish nothing: how they fared comes with the next poll") {
  {
    const auto pages = around(some_failure());
    CHECK(pages.before == pages.after);
  }
  Line line(kInterval);
  line.kafka.slow_answer = [](const BackgroundPlan&) { return some_failure(); };
  line.start();
  REQUIRE(line.await_value(kSuccess, "0"));
  const auto errors = line.value("kafka_exporter_collector_errors_total{collector=\"log_dirs\",reason=\"timeout\"}");
  REQUIRE(errors != "");
  CHECK(errors != "0");  // which it was from the start
}

// ----------------------------------------------------------------------------------------------- when something breaks

TEST_CASE("A poller ends at once while slow questions are asked, and publishes nothing of them") {
  Line line(1h);
  line.kafka.slow_hangs = true;
  line.kafka.slow_answer = [](const BackgroundPlan&) { return some_settings(); };
  line.start();
  line.await_slow_questions(1);
  const auto before = line.publisher.page();
  line.poller.reset();
  CHECK(line.publisher.page() == before);
  CHECK(line.value(kRetention) == "");
}

TEST_CASE("Slow questions that hang take the cluster off the page, as a poll does") {
  Line line(kInterval);
  line.kafka.slow_hangs = true;
  line.start();
  line.await_slow_questions(1);
  CHECK(line.value("kafka_up") == "1");
  REQUIRE(line.await([&] {
    line.poller->watch();
    return line.value("kafka_up") == "0";
  }));
}

TEST_CASE("What throws in slow questions is no end of polling") {
  Line line(kInterval);
  line.kafka.slow_answer = [](const BackgroundPlan&) -> model::BackgroundResult {
    throw std::runtime_error("a defect of ours");
  };
  line.start();
  line.await_slow_questions(2);
  CHECK(line.value("kafka_up") == "1");
}
