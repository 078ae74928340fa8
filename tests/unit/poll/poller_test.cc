#include "poll/poller.h"

#include <catch2/catch_test_macros.hpp>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <thread>

#include "analysis/facts.h"
#include "poll/log.h"

using namespace kafkascope;
using poll::Poller;
using namespace std::chrono_literals;
using std::chrono::steady_clock;

namespace {

/// What a test and the source that it gave to a poller share.
struct Kafka {
  std::mutex mutex;
  std::condition_variable changed;
  std::function<model::Facts(const poll::Plan&)> answer;  // guarded by mutex, as all here
  bool hangs = false;
  bool stopped = false;
  int asked = 0;
  std::vector<poll::Plan> plans;
  std::function<model::SlowFacts(const poll::SlowPlan&)> slow_answer;
  std::vector<poll::SlowPlan> slow_plans;
};

/// Answers as the test says, or hangs until it no longer shall or is stopped. A stopped one returns half a poll.
class FakeSource : public poll::Source {
 public:
  explicit FakeSource(Kafka& kafka) : kafka_(kafka) {}

  model::Facts ask(const poll::Plan& plan) override {
    std::unique_lock lock(kafka_.mutex);
    ++kafka_.asked;
    kafka_.plans.push_back(plan);
    kafka_.changed.notify_all();
    kafka_.changed.wait(lock, [&] { return kafka_.stopped || !kafka_.hangs; });
    return kafka_.answer(plan);
  }
  model::SlowFacts ask_slowly(const poll::SlowPlan& plan) override {
    const std::lock_guard lock(kafka_.mutex);
    kafka_.slow_plans.push_back(plan);
    return kafka_.slow_answer ? kafka_.slow_answer(plan) : model::SlowFacts{};
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

model::Facts some_poll() {
  auto facts = analysis::poll(0s, analysis::cluster({{"orders", 2}}));
  facts.at = steady_clock::now();
  facts.wall = model::WallTime::clock::now();
  facts.runs = {{model::Collector::kMetadata, 0.01, {}}};
  return facts;
}

model::Facts failed_poll(const poll::Plan& plan) {
  auto facts = analysis::silent_poll(0s, *plan.last);
  facts.at = steady_clock::now();
  facts.wall = model::WallTime::clock::now();
  facts.runs = {{model::Collector::kMetadata, 0.01, {{model::Reason::kUnreachable, "no broker is connected"}}}};
  return facts;
}

/// A poller of one cluster and the page that it makes.
class Line {
 public:
  explicit Line(std::chrono::milliseconds interval, std::function<model::Facts(const poll::Plan&)> answer = {}) {
    cluster_.polling.interval = interval;
    cluster_.polling.deadline = interval;
    kafka.answer = answer ? std::move(answer) : [](const poll::Plan&) { return some_poll(); };
    exporter_.add_cluster("", interval);
  }

  void start() {
    poller = std::make_unique<Poller>(0, cluster_, "", std::make_unique<FakeSource>(kafka), exporter_, publisher);
  }
  void await_polls(int count) {
    std::unique_lock lock(kafka.mutex);
    REQUIRE(kafka.changed.wait_for(lock, 1min, [&] { return kafka.asked >= count; }));
  }
  void set_hangs(bool hangs) {
    const std::lock_guard lock(kafka.mutex);
    kafka.hangs = hangs;
    kafka.changed.notify_all();
  }
  void set_answer(std::function<model::Facts(const poll::Plan&)> answer) {
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

 private:
  poll::Log log_;  // nobody reads it
  config::Cluster cluster_;
  metrics::ExporterMetrics exporter_{{}, {"1", "a", "2", "g"}};

 public:
  metrics::Publisher publisher{{poll::down_page(cluster_, "")}, exporter_.families({}, {})};
  std::unique_ptr<Poller> poller;
};

const std::string kEnd = "kafka_topic_partition_current_offset{topic=\"orders\",partition=\"1\"}";

}  // namespace

TEST_CASE("Before the first poll has ended, the page says that the cluster is down, and is not ready") {
  Line line(10ms);
  line.set_hangs(true);
  line.start();
  line.await_polls(1);
  CHECK(line.value("kafka_up") == "0");
  CHECK_FALSE(line.publisher.page()->ready());
}

TEST_CASE("What a poll learns is on the page when it has ended, well or badly") {
  Line line(5ms);
  line.start();
  REQUIRE(line.await_value("kafka_up", "1"));
  CHECK(line.value(kEnd) == "100");
  CHECK(line.publisher.page()->ready());
  CHECK(line.publisher.page()->clusters().at(0).topics == 1);

  line.set_answer(failed_poll);
  REQUIRE(line.await_value("kafka_up", "0"));
  CHECK(line.value(kEnd) == "100");  // held
  CHECK(line.value("kafka_exporter_collector_success{collector=\"metadata\"}") == "0");
  CHECK(line.value("kafka_exporter_collector_errors_total{collector=\"metadata\",reason=\"unreachable\"}") != "0");
  CHECK(line.publisher.page()->ready());

  line.set_answer([](const poll::Plan&) { return some_poll(); });
  CHECK(line.await_value("kafka_up", "1"));
}

TEST_CASE("A first poll that fails is a poll too: the page is ready") {
  Line line(5ms, failed_poll);
  line.start();
  REQUIRE(line.await([&] { return line.publisher.page()->ready(); }));
  CHECK(line.value("kafka_up") == "0");
}

TEST_CASE("The first poll asks for all start offsets, then every fourth; each is told what the last one left") {
  Line line(2ms);
  line.start();
  line.await_polls(9);
  line.poller.reset();
  for (size_t i = 0; i < 9; ++i) CHECK(line.kafka.plans[i].all_earliest == (i % 4 == 0));
  CHECK(line.kafka.plans[0].last != nullptr);
  CHECK(line.kafka.plans[0].deadline > model::Time{});
}

TEST_CASE("A poll that is late skips the beats it missed, and says so") {
  Line line(10ms);
  bool late = true;
  line.set_answer([&late](const poll::Plan&) {
    if (std::exchange(late, false)) std::this_thread::sleep_for(35ms);  // past three beats
    return some_poll();
  });
  line.start();
  REQUIRE(line.await([&] { return std::atoi(line.value("kafka_exporter_polls_skipped_total").c_str()) >= 3; }));
}

TEST_CASE("A poller ends at once while its source waits for Kafka, and publishes nothing of that poll") {
  for (int again = 0; again < 20; ++again) {
    Line line(1ms);
    line.set_hangs(true);
    line.start();
    line.await_polls(1);
    const auto before = line.publisher.page();
    line.poller->stop();
    line.poller.reset();
    REQUIRE(line.publisher.page() == before);
  }
}

TEST_CASE("A poller ends at once while it waits for the next poll") {
  Line line(1h);
  line.start();
  REQUIRE(line.await_value("kafka_up", "1"));
  line.poller.reset();
  CHECK(line.kafka.asked == 1);
}

TEST_CASE("A poller may be told to stop more than once, from any thread") {
  Line line(1ms);
  line.start();
  {
    const std::jthread one([&] { line.poller->stop(); });
    const std::jthread two([&] { line.poller->stop(); });
    line.poller->watch();
  }
  line.poller->stop();
  line.poller.reset();
}

TEST_CASE("A cluster whose poll hangs is taken off the page, and is back with the poll's end") {
  Line line(10ms);
  line.start();
  REQUIRE(line.await_value(kEnd, "100"));
  line.set_hangs(true);
  REQUIRE(line.await([&] {
    line.poller->watch();
    return line.value("kafka_up") == "0";
  }));
  CHECK(line.value(kEnd) == "");
  CHECK(line.publisher.page()->ready());
  CHECK_FALSE(line.publisher.page()->clusters().at(0).up);
  const auto page = line.publisher.page();
  line.poller->watch();  // once is enough
  CHECK(line.publisher.page() == page);
  line.set_hangs(false);
  REQUIRE(line.await_value("kafka_up", "1"));
  CHECK(line.value(kEnd) == "100");
}

TEST_CASE("A cluster whose first poll hangs is told as down, and its page as ready") {
  Line line(5ms);
  line.set_hangs(true);
  line.start();
  REQUIRE(line.await([&] {
    line.poller->watch();
    return line.publisher.page()->ready();
  }));
  CHECK(line.value("kafka_up") == "0");
}

TEST_CASE("A cluster that is polled in time is left on the page") {
  Line line(1h);
  line.start();
  REQUIRE(line.await_value("kafka_up", "1"));
  const auto page = line.publisher.page();
  for (int i = 0; i < 100; ++i) line.poller->watch();
  CHECK(line.publisher.page() == page);
}

TEST_CASE("What throws in a poll is no end of polling, but its cluster does not stay on the page for ever") {
  Line line(5ms);
  line.start();
  REQUIRE(line.await_value(kEnd, "100"));
  line.set_answer([](const poll::Plan&) -> model::Facts { throw std::runtime_error("a defect of ours"); });
  REQUIRE(line.await([&] {
    line.poller->watch();
    return line.value("kafka_up") == "0";
  }));
  CHECK(line.value(kEnd) == "");
  line.set_answer([](const poll::Plan&) { return some_poll(); });
  CHECK(line.await_value(kEnd, "100"));
}

TEST_CASE("One cluster that hangs does not keep another from being polled") {
  Line one(5ms);
  one.set_hangs(true);
  one.start();
  one.await_polls(1);
  Line two(5ms);
  two.start();
  two.await_polls(3);
  CHECK(two.await_value("kafka_up", "1"));
}
