#pragma once

#include "families/written.h"
#include "families/zookeeper.h"
#include "model/zookeeper.h"

namespace kafkascope::families {

inline model::ZooKeeperServer zookeeper_server(const std::string& host, const std::string& state,
                                               std::vector<std::pair<std::string, double>> numbers) {
  std::sort(numbers.begin(), numbers.end());
  model::ZooKeeperServer server{host, true, true, state, {}};
  server.values.value = model::ZooKeeperValues{"3.9.4", state, state + " - broadcast", std::move(numbers)};
  return server;
}

/// An ensemble with every family: a leader with ZooKeeper's default metrics provider, a follower with that of
/// Prometheus, held values of a server that is down, and one that does not serve.
inline model::ZooKeeperSnapshot zookeeper_snapshot() {
  std::vector<std::pair<std::string, double>> all;
  for (const auto& name : zookeeper_family_names())
    if (!name.starts_with("zk_ensemble_")) all.emplace_back(name, 1 + static_cast<double>(all.size()));
  for (const char* summary : {"readlatency", "updatelatency", "propagation_latency", "quorum_ack_latency"}) {
    all.emplace_back(std::string("zk_cnt_") + summary, 4);
    all.emplace_back(std::string("zk_sum_") + summary, 12.5);
    for (const char* percentile : {"p50", "p95", "p99", "p999"})
      all.emplace_back(std::string("zk_") + percentile + "_" + summary, 3);
  }
  for (const char* summary : {"fsynctime", "snapshottime", "election_time"}) {
    all.emplace_back(std::string("zk_cnt_") + summary, 2);
    all.emplace_back(std::string("zk_sum_") + summary, 5);
    all.emplace_back(std::string("zk_max_") + summary, 4);
  }
  model::ZooKeeperSnapshot s;
  s.polled = true;
  s.expected_size = 4;
  s.leaders = 1;
  s.serving = 2;
  s.in_sync_servers = 3;
  s.servers = {
      zookeeper_server("zk-1:2181", "leader", std::move(all)),
      zookeeper_server("zk-2:2181", "follower",
                       {{"zk_znode_count", 5},
                        {"zk_readlatency{quantile=\"0.5\"}", 1},
                        {"zk_readlatency{quantile=\"0.99\"}", 9},
                        {"zk_readlatency_count", 7},
                        {"zk_readlatency_sum", 10},
                        {"zk_fsynctime_count", 0},
                        {"zk_fsynctime_sum", 0},
                        {"zk_last_proposal_size", -1},
                        {"zk_dead_watchers_queued", 3}}),
      zookeeper_server("zk-3:2181", "follower", {{"zk_znode_count", 4}}),
      {"zk-4:2181", false, true, "not_serving", {}},
  };
  auto& down = s.servers[2];
  down.up = down.answered = false;
  down.state.clear();
  down.values.failing_since = kFailingSince;
  return s;
}

}  // namespace kafkascope::families
