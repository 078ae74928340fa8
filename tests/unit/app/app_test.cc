#include "app/app.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>
#include <thread>

#include "kafka/fake_kafka.h"
#include "poll/log.h"
#include "web/client.h"
#include "zookeeper/fake_zookeeper.h"

using namespace kafkascope;
using namespace std::chrono_literals;
using kafka::FakeKafka;

namespace {

config::Cluster named(config::Cluster cluster, const std::string& name) {
  cluster.name = name;
  cluster.polling.interval = 50ms;
  cluster.polling.deadline = 5s;
  cluster.polling.request_timeout = 1s;
  return cluster;
}

/// Listens on a free port.
config::Config config_of(std::vector<config::Cluster> clusters) {
  config::Config config;
  config.clusters = std::move(clusters);
  config.web.listen_addresses = {"127.0.0.1:0"};
  return config;
}

struct Running {
  std::string text() const {
    std::string text;
    app.page()->inflate([&](std::string_view piece) {
      text += piece;
      return true;
    });
    return text;
  }
  /// Returns the value of a series; empty: not on the page.
  std::string value(const std::string& series) const {
    const std::string page = "\n" + text();
    const size_t at = page.find("\n" + series + " ");
    if (at == page.npos) return {};
    const size_t from = at + series.size() + 2;
    return page.substr(from, page.find('\n', from) - from);
  }
  /// Ends the App and returns how many lines of its log contain `text`.
  size_t logged(const std::string& text) {
    holder.reset();
    const auto lines = log.take();
    return std::count_if(lines.begin(), lines.end(), [&](auto& line) { return line.find(text) != line.npos; });
  }
  int polls(const std::string& cluster) const {
    return std::atoi(value("kafka_exporter_poll_duration_seconds_count{kafka_cluster=\"" + cluster + "\"}").c_str());
  }

  poll::Log log;
  std::shared_ptr<metrics::ExporterMetrics> exporter = std::make_shared<metrics::ExporterMetrics>(metrics::BuildInfo());
  std::optional<app::App> holder{std::in_place, config::Version{"1", "a", "2", "g"}, exporter};
  app::App& app = *holder;
};

std::string up(const std::string& cluster) { return "kafka_up{kafka_cluster=\"" + cluster + "\"}"; }

}  // namespace

TEST_CASE("An App polls each cluster and serves one page") {
  FakeKafka east(1, 1), west(1, 1);
  Running running;
  running.app.apply(config_of({named(east.config(), "east"), named(west.config(), "west")}));
  REQUIRE(kafka::await([&] { return running.value(up("east")) == "1" && running.value(up("west")) == "1"; }));
  web::Connection client(running.app.ports().at(0));
  REQUIRE(client.send("GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
  CHECK(running.app.page()->ready());
}

TEST_CASE("A new configuration restarts only what changed") {
  FakeKafka east(1, 1), west(1, 1), north(1, 1);
  Running running;
  auto first = config_of({named(east.config(), "east"), named(west.config(), "west")});
  running.app.apply(first);
  REQUIRE(kafka::await([&] { return running.polls("east") >= 3 && running.polls("west") >= 3; }));
  const auto ports = running.app.ports();

  auto second = config_of({named(east.config(), "east"), named(north.config(), "north")});
  running.app.apply(second);
  CHECK(running.polls("east") >= 3);  // its poller keeps running
  CHECK(running.app.ports() == ports);
  CHECK(running.text().find("kafka_cluster=\"west\"") == std::string::npos);
  REQUIRE(kafka::await([&] { return running.value(up("north")) == "1"; }));
}

TEST_CASE("An ensemble is another target than a cluster of the same name, and is restarted only if it changed") {
  FakeKafka kafka(1, 1);
  zookeeper::FakeZooKeeper server({{"mntr", zookeeper::kMntr}});
  Running running;
  auto config = config_of({named(kafka.config(), "main")});
  config::ZooKeeper ensemble;
  ensemble.name = "main";
  ensemble.servers = {server.address()};
  ensemble.polling.interval = 50ms;
  config.zookeeper = {ensemble};
  running.app.apply(config);
  const auto znodes = [&] {
    return running.value(R"(zk_znode_count{zk_ensemble="main",zk_host=")" + server.address() + "\"}");
  };
  const auto polls = [&] {
    return std::atoi(running.value("kafka_exporter_poll_duration_seconds_count{zk_ensemble=\"main\"}").c_str());
  };
  REQUIRE(kafka::await([&] { return running.value(up("main")) == "1" && znodes() == "5" && polls() >= 3; }));
  CHECK(running.app.watch());
  CHECK(running.app.page()->ready());
  CHECK(running.polls("main") >= 1);

  running.app.apply(config);
  CHECK(running.app.page()->clusters().size() == 2);
  const auto interval = [&] { return running.value("kafka_exporter_poll_interval_seconds{zk_ensemble=\"main\"}"); };
  CHECK(interval() == "0.05");
  config.zookeeper[0].polling.interval = 60ms;
  running.app.apply(config);
  REQUIRE(kafka::await([&] { return interval() == "0.06"; }));
  CHECK(polls() >= 3);
  CHECK(znodes() == "5");
  config.zookeeper.clear();
  running.app.apply(config);
  CHECK(znodes().empty());
  CHECK(interval().empty());
  CHECK(running.value(up("main")) == "1");
  CHECK(running.logged("new settings in use") == 1);
}

TEST_CASE("A changed cluster keeps its page and counters until its new settings are connected") {
  FakeKafka east(1, 1);
  Running running;
  auto config = config_of({named(east.config(), "east")});
  running.app.apply(config);
  REQUIRE(kafka::await([&] { return running.polls("east") >= 3; }));
  const auto is = [&](const std::string& interval) {
    return running.value("kafka_exporter_poll_interval_seconds{kafka_cluster=\"east\"}") == interval;
  };

  config.clusters[0].servers = {"localhost:1"};
  config.clusters[0].polling.interval = 60ms;
  running.app.apply(config);
  const int polls = running.polls("east");
  for (int i = 0; i < 3; ++i) {
    REQUIRE(kafka::await([&] { return running.polls("east") > polls + i; }));
    running.app.watch();
    CHECK(is("0.05"));
  }
  config.clusters[0].servers = named(east.config(), "east").servers;
  running.app.apply(config);
  REQUIRE(kafka::await([&] {
    running.app.watch();
    return is("0.06");
  }));
  CHECK(running.polls("east") >= polls);

  config.labels = {{"env", "test"}};
  running.app.apply(config);
  REQUIRE(kafka::await([&] {
    running.app.watch();
    return running.value("kafka_up{kafka_cluster=\"east\",env=\"test\"}") == "1";
  }));
  CHECK(running.value(up("east")).empty());
}

TEST_CASE("New settings of a cluster that is not reached take over at once") {
  FakeKafka east(1, 1);
  Running running;
  auto config = config_of({named(east.config(), "east")});
  config.clusters[0].servers = {"localhost:1"};
  running.app.apply(config);
  REQUIRE(kafka::await([&] { return running.value(up("east")) == "0"; }));
  config.clusters[0].servers = {"localhost:2"};
  running.app.apply(config);
  config.clusters[0].servers = named(east.config(), "east").servers;
  running.app.apply(config);
  REQUIRE(kafka::await([&] { return running.value(up("east")) == "1"; }));
  CHECK(running.logged("new settings in use") == 2);
}

TEST_CASE("Settings that do not connect are logged once") {
  FakeKafka east(1, 1);
  Running running;
  auto config = config_of({named(east.config(), "east")});
  running.app.apply(config);
  REQUIRE(kafka::await([&] { return running.value(up("east")) == "1"; }));
  config.clusters[0].servers = {"localhost:1"};
  config.clusters[0].polling.deadline = 200ms;
  config.clusters[0].polling.request_timeout = 100ms;
  running.app.apply(config);
  const int polls = running.polls("east");
  REQUIRE(kafka::await([&] {
    running.app.watch();
    return running.polls("east") > polls + 2;
  }));
  REQUIRE(kafka::await([&] { return running.value(up("east")) == "1"; }));  // a poll may fail on a busy machine
  CHECK(running.logged("new settings do not connect") == 1);
}

TEST_CASE("An App that cannot listen fails with an error and stops its pollers") {
  FakeKafka kafka(1);
  Running running;
  auto config = config_of({named(kafka.config(), "east")});
  config.web.listen_addresses = {"no such host:1"};
  CHECK_THROWS_AS(running.app.apply(config), std::runtime_error);
}
