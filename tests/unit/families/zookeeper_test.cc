#include "families/zookeeper.h"

#include <catch2/catch_test_macros.hpp>

#include "families/zookeeper_snapshot.h"

namespace kafkascope::families {
namespace {

std::string page(const model::ZooKeeperSnapshot& snapshot, const model::Options& options = {}, bool all = false) {
  FamilyWriter families("");
  write_zookeeper(snapshot, options, all, families);
  return text_of(families.take());
}

std::string series(const std::string& name, bool all = false) {
  return lines_with(page(zookeeper_snapshot(), {}, all), name);
}

}  // namespace

TEST_CASE("an ensemble that was never polled only has zk_up 0") {
  model::ZooKeeperSnapshot snapshot;
  snapshot.servers = {{"zk-1:2181", false, false, {}, {}}};
  CHECK(lines_with(page(snapshot), " ") == "zk_up{zk_host=\"zk-1:2181\"} 0\n");
}

TEST_CASE("each server is up or down, and has its state unless it did not answer") {
  CHECK(series("zk_up{") ==
        "zk_up{zk_host=\"zk-1:2181\"} 1\nzk_up{zk_host=\"zk-2:2181\"} 1\n"
        "zk_up{zk_host=\"zk-3:2181\"} 0\nzk_up{zk_host=\"zk-4:2181\"} 0\n");
  CHECK(series("zk_ruok") ==
        "zk_ruok{zk_host=\"zk-1:2181\"} 1\nzk_ruok{zk_host=\"zk-2:2181\"} 1\n"
        "zk_ruok{zk_host=\"zk-3:2181\"} 0\nzk_ruok{zk_host=\"zk-4:2181\"} 1\n");
  CHECK(series("zk_server_state") ==
        "zk_server_state{zk_host=\"zk-1:2181\",state=\"leader\"} 1\n"
        "zk_server_state{zk_host=\"zk-2:2181\",state=\"follower\"} 1\n"
        "zk_server_state{zk_host=\"zk-4:2181\",state=\"not_serving\"} 1\n");
  CHECK(series("zk_server_leader") ==
        "zk_server_leader{zk_host=\"zk-1:2181\"} 1\nzk_server_leader{zk_host=\"zk-2:2181\"} 0\n"
        "zk_server_leader{zk_host=\"zk-4:2181\"} 0\n");
}

TEST_CASE("values are held, and counted as such") {
  FamilyWriter families("");
  write_zookeeper(zookeeper_snapshot(), {}, false, families);
  families.take();
  CHECK(series("zk_znode_count").ends_with("zk_znode_count{zk_host=\"zk-3:2181\"} 4\n"));
  CHECK(families.held() == SampleWriter::Held{{model::kZooKeeper, 3}});  // znodes, version and peer state
}

TEST_CASE("summaries have one form for both metrics providers") {
  CHECK(series("zk_readlatency") ==
        "zk_readlatency{zk_host=\"zk-1:2181\",quantile=\"0.5\"} 3\n"
        "zk_readlatency{zk_host=\"zk-1:2181\",quantile=\"0.95\"} 3\n"
        "zk_readlatency{zk_host=\"zk-1:2181\",quantile=\"0.99\"} 3\n"
        "zk_readlatency{zk_host=\"zk-1:2181\",quantile=\"0.999\"} 3\n"
        "zk_readlatency_sum{zk_host=\"zk-1:2181\"} 12.5\n"
        "zk_readlatency_count{zk_host=\"zk-1:2181\"} 4\n"
        "zk_readlatency{zk_host=\"zk-2:2181\",quantile=\"0.5\"} 1\n"
        "zk_readlatency{zk_host=\"zk-2:2181\",quantile=\"0.99\"} 9\n"
        "zk_readlatency_sum{zk_host=\"zk-2:2181\"} 10\n"
        "zk_readlatency_count{zk_host=\"zk-2:2181\"} 7\n");
  CHECK(series("zk_fsynctime") ==
        "zk_fsynctime_sum{zk_host=\"zk-1:2181\"} 5\nzk_fsynctime_count{zk_host=\"zk-1:2181\"} 2\n"
        "zk_fsynctime_sum{zk_host=\"zk-2:2181\"} 0\nzk_fsynctime_count{zk_host=\"zk-2:2181\"} 0\n");
}

TEST_CASE("values that were never measured are absent") {
  CHECK(series("zk_last_proposal_size").find("zk-2") == std::string::npos);
}

TEST_CASE("the number of learners has both of its names, whatever the version") {
  model::ZooKeeperSnapshot snapshot;
  snapshot.servers = {zookeeper_server("new", "leader", {{"zk_learners", 2}}),
                      zookeeper_server("old", "leader", {{"zk_followers", 4}})};
  const std::string text = page(snapshot);
  CHECK(lines_with(text, "zk_followers{") == "zk_followers{zk_host=\"new\"} 2\nzk_followers{zk_host=\"old\"} 4\n");
  CHECK(lines_with(text, "zk_learners{") == "zk_learners{zk_host=\"new\"} 2\nzk_learners{zk_host=\"old\"} 4\n");
}

TEST_CASE("other values of mntr are written if wanted, and none twice") {
  CHECK(series("zk_dead_watchers_queued").empty());
  CHECK(series("zk_dead_watchers_queued", true) == "zk_dead_watchers_queued{zk_host=\"zk-2:2181\"} 3\n");
  CHECK(series("zk_max_fsynctime", true) == "zk_max_fsynctime{zk_host=\"zk-1:2181\"} 4\n");
  CHECK(series("zk_p99_readlatency", true).empty());

  model::ZooKeeperSnapshot snapshot;
  snapshot.servers = {zookeeper_server("a", "leader",
                                       {{"zk_up", 7},
                                        {"zk_ensemble_leaders", 7},
                                        {"zk_other{quantile=\"0.5\"}", 1},
                                        {"zk_other_sum", 2},
                                        {"zk_fsynctime{quantile=\"0.5\"}", 3}})};
  const std::string text = page(snapshot, {}, true);
  CHECK(lines_with(text, " 7").empty());
  CHECK(lines_with(text, "zk_other") == "zk_other{zk_host=\"a\",quantile=\"0.5\"} 1\nzk_other_sum{zk_host=\"a\"} 2\n");
  CHECK(lines_with(text, "zk_fsynctime").empty());  // it has no sum
}

TEST_CASE("families of an ensemble can be left out by name") {
  model::Options options;
  options.disabled_families = {"zk_znode_count"};
  CHECK(lines_with(page(zookeeper_snapshot(), options), "zk_znode_count").empty());
}

}  // namespace kafkascope::families
