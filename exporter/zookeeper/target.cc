#include "zookeeper/target.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "analysis/zookeeper.h"
#include "families/zookeeper.h"
#include "log/event.h"
#include "poll/status.h"

namespace kafkascope::zookeeper {

using model::ZooKeeperServer;
using model::ZooKeeperSnapshot;
using std::chrono::steady_clock;

namespace {

ZooKeeperSnapshot initial_snapshot(const config::ZooKeeper& ensemble) {
  ZooKeeperSnapshot snapshot;
  for (const auto& host : ensemble.servers) snapshot.servers.push_back({host, false, false, {}, {}});
  snapshot.expected_size = ensemble.effective_expected_size();
  return snapshot;
}

model::ClusterStatus initial_status(const config::ZooKeeper& ensemble) {
  model::ClusterStatus status;
  status.kind = "ZooKeeper";
  status.name = ensemble.name;
  status.servers = fmt::to_string(fmt::join(ensemble.servers, ","));
  status.collectors.push_back({.name = std::string(model::kZooKeeper.name)});
  return status;
}

/// Returns one line about a server for the landing page.
std::string description(const ZooKeeperServer& server) {
  if (server.state == "not_serving") return "not serving";
  if (!server.up) return server.answered ? "no values" : "no answer";
  std::string text = server.state;
  if (!server.values->version.empty()) text += ", version " + server.values->version;
  if (const auto clients = server.values->number("zk_num_alive_connections"))
    text += fmt::format(", {:.0f} connections", *clients);
  return text;
}

/// Logs changes of servers' states, such as elections.
void log_states(const std::string& ensemble, const ZooKeeperSnapshot& before, const ZooKeeperSnapshot& after) {
  if (!before.polled) return;
  for (size_t i = 0; i < after.servers.size(); ++i) {
    const auto &was = before.servers[i].state, &is = after.servers[i].state;
    if (was == is) continue;
    const bool read_only = is == "read-only";
    log_event(read_only ? LogLevel::kWarning : LogLevel::kInfo, "server state changed",
              {{"ensemble", ensemble},
               {"server", after.servers[i].host},
               {"from", was.empty() ? "unknown" : was},
               {"to", is.empty() ? "unknown" : is},
               {"hint", read_only ? "it has lost the quorum and serves only read-only clients" : ""}});
  }
}

}  // namespace

ZooKeeperTarget::ZooKeeperTarget(const config::ZooKeeper& ensemble, std::string constant_labels)
    : ensemble_(ensemble),
      constant_labels_(std::move(constant_labels)),
      source_(ensemble),
      families_(constant_labels_),
      snapshot_(initial_snapshot(ensemble)),
      status_(initial_status(ensemble)) {}

metrics::TargetPage ZooKeeperTarget::down_page() const {
  metrics::FamilyWriter families(constant_labels_);
  families::write_zookeeper(initial_snapshot(ensemble_), ensemble_.options, ensemble_.all_values, families);
  return {families.take(), initial_status(ensemble_)};
}

poll::Output ZooKeeperTarget::poll(model::Time deadline) {
  const auto start = steady_clock::now();
  poll::Output output;
  output.at = model::WallTime::clock::now();
  auto answers = source_.poll(deadline);
  if (stopped_) return output;  // the answers are incomplete
  const auto end = steady_clock::now();
  model::CollectorRun run{model::kZooKeeper, std::chrono::duration<double>(end - start).count(), {}};
  for (auto& answer : answers)
    std::move(answer.failures.begin(), answer.failures.end(), std::back_inserter(run.failures));

  auto next =
      analysis::next_zookeeper_snapshot(snapshot_, std::move(answers), {.now = end, .limit = ensemble_.options.hold});
  log_states(ensemble_.name, snapshot_, next);
  snapshot_ = std::move(next);
  is_up_ = std::any_of(snapshot_.servers.begin(), snapshot_.servers.end(), [](auto& server) { return server.up; });
  families::write_zookeeper(snapshot_, ensemble_.options, ensemble_.all_values, families_);
  output.families = families_.take();
  output.held = families_.held();
  output.dropped = families_.dropped();
  const auto rendered = steady_clock::now();
  output.rendering = rendered - end;

  status_.polled = true;
  status_.up = is_up_;
  status_.last_poll_unix_seconds = model::unix_seconds(output.at);
  status_.last_poll_duration_seconds = std::chrono::duration<double>(rendered - start).count();
  status_.facts = {{"expected size", std::to_string(snapshot_.expected_size)}};
  for (const auto& server : snapshot_.servers) status_.facts.emplace_back(server.host, description(server));
  status_.problems = analysis::zookeeper_problems(snapshot_);
  output.runs.push_back(std::move(run));
  output.status = status_ = poll::with_runs(std::move(status_), output.runs, output.at);
  return output;
}

void ZooKeeperTarget::stop() {
  stopped_ = true;
  source_.stop();
}

}  // namespace kafkascope::zookeeper
