#include "zookeeper/target.h"

#include <algorithm>
#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <optional>

#include "families/written.h"
#include "poll/log.h"
#include "zookeeper/fake_zookeeper.h"

using namespace kafkascope;
using namespace kafkascope::zookeeper;
using namespace std::chrono_literals;

namespace {

/// An ensemble of a leader, and of another server with the answers of `other`.
struct Ensemble {
  explicit Ensemble(std::map<std::string, std::string> other) {
    second.emplace(std::move(other));
    config.name = "main";
    config.servers = {leader.address(), second->address()};
    config.expected_size = 3;
    config.polling.deadline = 10s;
    config.polling.request_timeout = 5s;
    target.emplace(config, "zk_ensemble=\"main\"");
  }

  poll::Output poll() { return target->poll(model::Time::clock::now() + 10s); }

  FakeZooKeeper leader{{{"mntr", kMntr}}};
  std::optional<FakeZooKeeper> second;
  config::ZooKeeper config;
  std::optional<ZooKeeperTarget> target;
};

const std::string kFollower = "zk_server_state\tfollower\nzk_znode_count\t5\n";

size_t count(const std::vector<std::string>& lines, const std::string& part) {
  return std::count_if(lines.begin(), lines.end(), [&](auto& line) { return line.find(part) != line.npos; });
}

}  // namespace

TEST_CASE("Before the first poll each server is down") {
  Ensemble ensemble({{"mntr", kFollower}});
  const auto page = ensemble.target->down_page();
  CHECK(families::text_of(page.families)
            .find("zk_up{zk_ensemble=\"main\",zk_host=\"" + ensemble.config.servers[1] + "\"} 0\n") !=
        std::string::npos);
  CHECK(page.status.kind == "ZooKeeper");
  CHECK_FALSE(page.status.polled);
}

TEST_CASE("A poll yields series and a status; values of a server that is gone are held and counted") {
  poll::Log log;
  Ensemble ensemble({{"mntr", kFollower}});
  auto output = ensemble.poll();
  REQUIRE(output.runs.size() == 1);
  CHECK(output.runs[0].success());
  CHECK(output.held.empty());
  CHECK(output.status.up);
  CHECK(output.status.polled);
  REQUIRE(output.status.facts.size() == 3);
  CHECK(output.status.facts[1].second == "leader, version 3.9.4, 3 connections");
  CHECK(output.status.facts[2].second == "follower");
  CHECK(output.status.problems.empty());
  CHECK(log.take().empty());

  const std::string znodes = "zk_znode_count{zk_ensemble=\"main\",zk_host=\"" + ensemble.config.servers[1] + "\"} 5\n";
  CHECK(families::text_of(*output.families).find(znodes) != std::string::npos);
  ensemble.second.reset();
  output = ensemble.poll();
  CHECK(families::text_of(*output.families).find(znodes) != std::string::npos);
  CHECK(output.held == metrics::SampleWriter::Held{{model::kZooKeeper, 1}});
  CHECK_FALSE(output.runs[0].success());
  CHECK(output.status.facts[2].second == "no answer");
  CHECK(output.status.collectors[0].last_error.find("Connection refused") != std::string::npos);
  CHECK(count(log.take(), "msg=\"server state changed\" ensemble=main server=" + ensemble.config.servers[1] +
                              " from=follower to=unknown") == 1);
  ensemble.poll();
  CHECK(log.take().empty());
}

TEST_CASE("Read-only mode is logged once with a hint, and is a problem on the landing page") {
  poll::Log log;
  std::atomic<bool> read_only = false;
  FakeZooKeeper server([&](int fd, const auto&, const auto&) {
    FakeZooKeeper::put(fd, read_only ? "zk_server_state\tread-only\n" : kFollower);
  });
  config::ZooKeeper config;
  config.name = "main";
  config.servers = {server.address()};
  ZooKeeperTarget target(config, "");
  for (int poll = 0; poll < 4; ++poll) {
    read_only = poll >= 2;
    const auto output = target.poll(model::Time::clock::now() + 10s);
    CHECK(output.runs[0].success());
    CHECK(count(output.status.problems, "serves only read-only clients") == (read_only ? 1 : 0));
    CHECK(count(log.take(), "warning msg=\"server state changed\"") == (poll == 2 ? 1 : 0));
  }
}

TEST_CASE("A target that is stopped returns at once without families") {
  Ensemble ensemble({{"mntr", kFollower}});
  ensemble.target->stop();
  CHECK_FALSE(ensemble.poll().families);
}
