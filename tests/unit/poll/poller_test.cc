#include "poll/poller.h"

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <condition_variable>
#include <functional>
#include <stdexcept>
#include <string>

#include "poll/log.h"

// Tests the poller with a fake target. The target for Kafka clusters is tested in cluster/.
using namespace kafkascope;
using namespace kafkascope::poll;
using namespace std::chrono_literals;

namespace {

constexpr model::Collector kProbe{"probe"};

std::vector<metrics::Family> families(const std::string& up) {
  metrics::Compressor compressor;
  return {{"up", nullptr, compressor.compress("up " + up + "\n", 1, nullptr)}};
}

Output good_output() {
  Output output;
  output.families = families("1");
  output.status.up = output.status.polled = true;
  output.runs = {{kProbe, 0.5, {}}};
  return output;
}

/// Controls the fake target, also during a poll.
struct Behavior {
  std::atomic<bool> poll_throws = false, between_throws = false, page_throws = false;
  std::atomic<int> polls = 0;
};

class FakeTarget : public Target {
 public:
  explicit FakeTarget(Behavior& behavior) : behavior_(behavior) {}

  std::span<const model::Collector> collectors() const override { return {&kProbe, 1}; }
  metrics::TargetPage down_page() const override { return {families("0"), {}}; }
  Output poll(model::Time) override {
    ++behavior_.polls;
    if (behavior_.poll_throws) throw std::runtime_error("a defect of ours");
    return good_output();
  }
  std::optional<Output> between_polls(model::Time) override {
    if (behavior_.between_throws) throw std::runtime_error("a defect of ours");
    return {};
  }
  void stop() override {}

 private:
  Behavior& behavior_;
};

/// A fake target, its poller and the page.
struct Polled {
  explicit Polled(std::chrono::milliseconds interval = 5ms)
      : poller("west", {interval, interval}, std::make_unique<FakeTarget>(behavior), exporter, publisher) {}

  std::string text() const {
    std::string text;
    publisher.page()->inflate([&](std::string_view piece) {
      text += piece;
      return true;
    });
    return text;
  }
  bool has(const std::string& line) const { return ("\n" + text()).find("\n" + line + "\n") != std::string::npos; }
  bool await(const std::function<bool()>& condition) const {
    for (const auto end = std::chrono::steady_clock::now() + 1min; std::chrono::steady_clock::now() < end;
         std::this_thread::sleep_for(1ms))
      if (condition()) return true;
    return condition();
  }
  bool await_dropped() {
    return await([&] { return !poller.watch() && has("up 0"); });
  }

  Log log;
  Behavior behavior;
  metrics::ExporterMetrics exporter{metrics::BuildInfo()};
  metrics::Publisher publisher{[this](const metrics::Page& last) {
    if (behavior.page_throws) throw std::runtime_error("a page that cannot be made");
    return exporter.families(last);
  }};
  Poller poller;
};

}  // namespace

TEST_CASE("A target is polled with its own collectors") {
  Polled polled;
  REQUIRE(polled.await([&] { return polled.has("up 1"); }));
  CHECK(polled.publisher.page()->ready());
  CHECK(polled.has(R"(kafka_exporter_collector_success{collector="probe",kafka_cluster="west"} 1)"));
  CHECK(polled.text().find(R"(collector="metadata")") == std::string::npos);
}

TEST_CASE("If a page cannot be published, the last one does not stay forever") {
  Polled polled;
  REQUIRE(polled.await([&] { return polled.has("up 1"); }));
  polled.behavior.page_throws = true;
  CHECK(polled.await_dropped());
  polled.behavior.page_throws = false;
  CHECK(polled.await([&] { return polled.has("up 1"); }));
}

TEST_CASE("A target whose polls throw is dropped, and comes back when they succeed") {
  Polled polled;
  REQUIRE(polled.await([&] { return polled.has("up 1"); }));
  polled.behavior.poll_throws = true;
  CHECK(polled.await_dropped());
  const int before = polled.behavior.polls;
  CHECK(polled.await([&] { return polled.behavior.polls > before + 1; }));
  polled.behavior.poll_throws = false;
  CHECK(polled.await([&] { return polled.has("up 1"); }));
}

TEST_CASE("An exception between two polls does not affect polls") {
  Polled polled(100ms);
  polled.behavior.between_throws = true;
  REQUIRE(polled.await([&] { return polled.has("up 1"); }));
  const int before = polled.behavior.polls;
  CHECK(polled.await([&] { return polled.behavior.polls > before + 1; }));
  CHECK(polled.poller.watch());
  CHECK(polled.has("up 1"));
}

TEST_CASE("A target removed during its poll stays removed, and its poller stops") {
  Polled polled;
  REQUIRE(polled.await([&] { return polled.has("up 1"); }));
  polled.publisher.remove("west");
  polled.exporter.remove_target("west");
  const int before = polled.behavior.polls;
  REQUIRE(polled.await([&] { return polled.behavior.polls > before + 1; }));
  polled.publisher.refresh(std::chrono::steady_clock::now());
  CHECK(polled.text().find("up 1\n") == std::string::npos);
  CHECK(polled.text().find("west") == std::string::npos);
}
