#include "analysis/zookeeper.h"

#include <algorithm>
#include <utility>

namespace kafkascope::analysis {

using model::ZooKeeperServer;
using model::ZooKeeperSnapshot;

namespace {

bool leads(const ZooKeeperServer& server) { return server.state == "leader" || server.state == "standalone"; }

/// Returns the number of voting servers that have the leader's state, the leader included.
std::optional<int> in_sync_servers(const ZooKeeperServer& leader) {
  if (leader.state == "standalone") return 1;
  const auto followers = leader.values->number("zk_synced_followers");
  if (!followers) return {};
  const double voting = *followers - leader.values->number("zk_synced_non_voting_followers").value_or(0);
  return 1 + static_cast<int>(std::clamp(voting, 0.0, 1000.0));
}

}  // namespace

ZooKeeperSnapshot next_zookeeper_snapshot(ZooKeeperSnapshot last, std::vector<model::ZooKeeperAnswer> answers,
                                          const Holding& holding) {
  ZooKeeperSnapshot next;
  next.expected_size = last.expected_size;
  next.polled = true;
  for (size_t i = 0; i < answers.size(); ++i) {
    auto& answer = answers[i];
    ZooKeeperServer server{answer.host, answer.values.has_value(), answer.answered, {}, {}};
    if (answer.values) {
      server.state = answer.values->state;
      server.values = {std::move(answer.values), {}};
    } else if (!answer.serving) {
      server.state = "not_serving";
    } else if (i < last.servers.size()) {
      server.values = std::move(last.servers[i].values);
      holding.hold(server.values);
    }
    if (leads(server) && next.leaders++ == 0) next.in_sync_servers = in_sync_servers(server);
    next.serving += leads(server) || server.state == "follower";
    next.servers.push_back(std::move(server));
  }
  if (next.leaders > 1) next.in_sync_servers.reset();  // one of them is about to find out that it no longer leads
  return next;
}

std::vector<std::string> zookeeper_problems(const ZooKeeperSnapshot& snapshot) {
  std::vector<std::string> problems;
  const std::string size = std::to_string(snapshot.expected_size);
  if (snapshot.leaders == 0) problems.push_back("No server is the leader: no quorum, or an election is in progress.");
  if (snapshot.leaders > 1)
    problems.push_back(std::to_string(snapshot.leaders) +
                       " servers are leaders: they belong to different ensembles, or one has just lost its quorum.");
  if (const auto& in_sync = snapshot.in_sync_servers; in_sync && *in_sync < snapshot.expected_size)
    problems.push_back(std::to_string(*in_sync) + " of " + size + " voting servers are in sync.");
  for (const auto& server : snapshot.servers) {
    if (server.state == "read-only")
      problems.push_back(server.host + " serves only read-only clients, because it has lost the quorum.");
    if (server.state == "not_serving") problems.push_back(server.host + " does not serve requests.");
  }
  return problems;
}

}  // namespace kafkascope::analysis
