#include "analysis/zookeeper.h"

#include <catch2/catch_test_macros.hpp>

using namespace kafkascope;
using namespace kafkascope::analysis;
using namespace std::chrono_literals;
using model::ZooKeeperAnswer;
using model::ZooKeeperSnapshot;
using model::ZooKeeperValues;

namespace {

constexpr model::Time kNow{1000s};

ZooKeeperAnswer values(const char* host, const char* state, std::vector<std::pair<std::string, double>> numbers = {}) {
  return {host, true, true, ZooKeeperValues{"3.9.4", state, "", std::move(numbers)}, {}};
}
ZooKeeperAnswer nothing(const char* host) { return {host, false, true, {}, {}}; }
ZooKeeperAnswer not_serving(const char* host) { return {host, true, false, {}, {}}; }

ZooKeeperSnapshot next(std::vector<ZooKeeperAnswer> answers, ZooKeeperSnapshot last = {}, model::Time now = kNow) {
  if (last.expected_size == 0) last.expected_size = static_cast<int>(answers.size());
  return next_zookeeper_snapshot(std::move(last), std::move(answers), {now, 60s});
}

}  // namespace

TEST_CASE("ZooKeeper: the health of the quorum follows from what the servers report") {
  const auto leader = [](double synced, double non_voting = 0) {
    return values("a", "leader", {{"zk_synced_followers", synced}, {"zk_synced_non_voting_followers", non_voting}});
  };
  const struct {
    const char* name;
    std::vector<ZooKeeperAnswer> answers;
    int leaders, serving, in_sync;  // in_sync -1: unknown
    size_t problems;
  } cases[] = {
      {"all well", {leader(2), values("b", "follower"), values("c", "follower")}, 1, 3, 3, 0},
      {"one down", {leader(1), values("b", "follower"), nothing("c")}, 1, 2, 2, 1},
      {"observers do not vote", {leader(3, 1), values("b", "follower"), values("c", "observer")}, 1, 2, 3, 0},
      {"no quorum", {not_serving("a"), nothing("b"), nothing("c")}, 0, 0, -1, 2},
      {"read-only", {values("a", "read-only"), nothing("b"), nothing("c")}, 0, 0, -1, 2},
      {"leader down", {nothing("a"), values("b", "follower"), values("c", "follower")}, 0, 2, -1, 1},
      {"two leaders", {leader(2), values("b", "leader"), values("c", "follower")}, 2, 3, -1, 1},
      {"leader without mntr", {values("a", "leader"), values("b", "follower"), nothing("c")}, 1, 2, -1, 0},
      {"standalone", {values("a", "standalone")}, 1, 1, 1, 0},
      {"nonsense", {leader(1e300), values("b", "follower"), values("c", "follower")}, 1, 3, 1001, 0},
  };
  for (const auto& expected : cases) {
    CAPTURE(expected.name);
    const auto snapshot = next(expected.answers);
    CHECK(snapshot.leaders == expected.leaders);
    CHECK(snapshot.serving == expected.serving);
    CHECK(snapshot.in_sync_servers.value_or(-1) == expected.in_sync);
    CHECK(zookeeper_problems(snapshot).size() == expected.problems);
    CHECK(snapshot.polled);
  }
}

TEST_CASE("ZooKeeper: values of a server without an answer are held, its state is not") {
  auto snapshot = next({values("a", "leader", {{"zk_znode_count", 5}})});
  CHECK(snapshot.servers[0].up);
  CHECK_FALSE(snapshot.servers[0].values.held());
  snapshot = next({nothing("a")}, std::move(snapshot), kNow + 15s);
  CHECK_FALSE(snapshot.servers[0].up);
  CHECK(snapshot.servers[0].state.empty());
  CHECK(snapshot.leaders == 0);
  REQUIRE(snapshot.servers[0].values.held());
  CHECK(snapshot.servers[0].values->number("zk_znode_count") == 5);
  snapshot = next({nothing("a")}, std::move(snapshot), kNow + 74s);
  CHECK(snapshot.servers[0].values.held());
  snapshot = next({nothing("a")}, std::move(snapshot), kNow + 75s);
  CHECK_FALSE(snapshot.servers[0].values);
}

TEST_CASE("ZooKeeper: a server that does not serve has no values") {
  auto snapshot = next({values("a", "leader")});
  snapshot = next({not_serving("a")}, std::move(snapshot));
  CHECK(snapshot.servers[0].state == "not_serving");
  CHECK(snapshot.servers[0].answered);
  CHECK_FALSE(snapshot.servers[0].up);
  CHECK_FALSE(snapshot.servers[0].values);
}

TEST_CASE("ZooKeeper: a server whose whitelist has no word is not held for serving") {
  const auto snapshot = next({{"a", true, true, {}, {}}});
  CHECK(snapshot.servers[0].answered);
  CHECK(snapshot.servers[0].state.empty());
  CHECK(snapshot.serving == 0);
}
