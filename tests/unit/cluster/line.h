#pragma once

#include <catch2/catch_test_macros.hpp>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "analysis/poll_results.h"
#include "cluster/kafka_target.h"
#include "poll/log.h"
#include "poll/poller.h"

namespace kafkascope::cluster {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

/// What a test and the source that it gave to a poller share.
struct Kafka {
  std::mutex mutex;
  std::condition_variable changed;
  std::function<model::PollResult(const PollPlan&)> answer;  // guarded by mutex, as all here
  bool hangs = false;
  bool stopped = false;
  int asked = 0;
  std::vector<PollPlan> plans;
  std::function<model::BackgroundResult(const BackgroundPlan&)> slow_answer;
  bool slow_hangs = false;
  std::vector<std::pair<int, BackgroundPlan>> slow_plans;  ///< With the number of polls before each.
};

/// Answers as the test says, or hangs until it no longer shall or is stopped. A stopped one returns half a poll.
class FakeSource : public Source {
 public:
  explicit FakeSource(Kafka& kafka) : kafka_(kafka) {}

  model::PollResult poll(const PollPlan& plan) override {
    std::unique_lock lock(kafka_.mutex);
    ++kafka_.asked;
    kafka_.plans.push_back(plan);
    kafka_.changed.notify_all();
    kafka_.changed.wait(lock, [&] { return kafka_.stopped || !kafka_.hangs; });
    return kafka_.answer(plan);
  }
  model::BackgroundResult collect_background(const BackgroundPlan& plan) override {
    std::unique_lock lock(kafka_.mutex);
    kafka_.slow_plans.emplace_back(kafka_.asked, plan);
    kafka_.changed.notify_all();
    kafka_.changed.wait(lock, [&] { return kafka_.stopped || !kafka_.slow_hangs; });
    return kafka_.slow_answer ? kafka_.slow_answer(plan) : model::BackgroundResult{};
  }
  void stop() override {
    {
      const std::lock_guard lock(kafka_.mutex);
      kafka_.stopped = true;
      kafka_.changed.notify_all();
    }
    std::this_thread::sleep_for(1ms);  // a half poll's chance to be published
  }

 private:
  Kafka& kafka_;
};

inline model::PollResult some_poll(int partitions = 2) {
  auto result = analysis::poll(0s, analysis::cluster({{"orders", partitions}}));
  result.at = steady_clock::now();
  result.wall = model::WallTime::clock::now();
  result.runs = {{model::Collector::kMetadata, 0.01, {}}};
  return result;
}

inline model::PollResult failed_poll(const PollPlan& plan) {
  auto result = analysis::silent_poll(0s, *plan.last);
  result.at = steady_clock::now();
  result.wall = model::WallTime::clock::now();
  result.runs = {{model::Collector::kMetadata, 0.01, {{model::Reason::kUnreachable, "no broker is connected"}}}};
  return result;
}

using poll::Poller;

/// A poller of one cluster and the page that it makes.
class Line {
 public:
  explicit Line(std::chrono::milliseconds interval, std::function<model::PollResult(const PollPlan&)> answer = {},
                const model::Options& options = {}, const std::string& proc = "/proc/self")
      : exporter_({"1", "a", "2", "g"}, proc) {
    cluster_.options = options;
    cluster_.polling.interval = interval;
    cluster_.polling.deadline = interval;
    kafka.answer = answer ? std::move(answer) : [](const PollPlan&) { return some_poll(); };
  }

  /// Before start().
  void set_topic_labels(config::NameLabels labels) { cluster_.topic_labels = std::move(labels); }
  void set_dead_letters(const std::string& expression) { cluster_.dead_letters = config::DeadLetters(expression); }
  void start() {
    const poll::Schedule schedule{cluster_.polling.interval, cluster_.polling.deadline, cluster_.options.max_series};
    poller = std::make_unique<Poller>("", schedule,
                                      std::make_unique<KafkaTarget>(cluster_, "", std::make_unique<FakeSource>(kafka)),
                                      exporter_, publisher);
  }
  void await_polls(int count) {
    std::unique_lock lock(kafka.mutex);
    REQUIRE(kafka.changed.wait_for(lock, 1min, [&] { return kafka.asked >= count; }));
  }
  void await_slow_questions(size_t count) {
    std::unique_lock lock(kafka.mutex);
    REQUIRE(kafka.changed.wait_for(lock, 1min, [&] { return kafka.slow_plans.size() >= count; }));
  }
  /// Returns the number of calls of either so far.
  int polls() {
    const std::lock_guard lock(kafka.mutex);
    return kafka.asked;
  }
  size_t slow_questions() {
    const std::lock_guard lock(kafka.mutex);
    return kafka.slow_plans.size();
  }
  void set_hangs(bool hangs) {
    const std::lock_guard lock(kafka.mutex);
    kafka.hangs = hangs;
    kafka.changed.notify_all();
  }
  void set_answer(std::function<model::PollResult(const PollPlan&)> answer) {
    const std::lock_guard lock(kafka.mutex);
    kafka.answer = std::move(answer);
  }

  std::string text() const {
    std::string text;
    publisher.page()->inflate([&](std::string_view piece) {
      text += piece;
      return true;
    });
    return text;
  }
  /// The value of a series; empty: it is not on the page.
  std::string value(const std::string& series) const {
    const std::string page = "\n" + text();
    const size_t at = page.find("\n" + series + " ");
    if (at == page.npos) return {};
    const size_t from = at + series.size() + 2;
    return page.substr(from, page.find('\n', from) - from);
  }
  bool await(const std::function<bool()>& condition) const {
    for (const auto end = steady_clock::now() + 1min; steady_clock::now() < end; std::this_thread::sleep_for(1ms))
      if (condition()) return true;
    return condition();
  }
  bool await_value(const std::string& series, const std::string& wanted) const {
    return await([&] { return value(series) == wanted; });
  }

  Kafka kafka;
  poll::Log log;  // to be read when the poller has ended

 private:
  config::Cluster cluster_;
  metrics::ExporterMetrics exporter_;

 public:
  metrics::Publisher publisher{[this](const metrics::Page& last) { return exporter_.families(last); }};
  std::unique_ptr<Poller> poller;
};

inline const std::string kEnd = "kafka_topic_partition_current_offset{topic=\"orders\",partition=\"1\"}";

}  // namespace kafkascope::cluster
