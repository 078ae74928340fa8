#include "poll/status.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace kafkascope::poll {

metrics::ClusterStatus initial_status(const config::Cluster& cluster) {
  metrics::ClusterStatus status;
  status.name = cluster.name;
  for (const auto& server : cluster.servers) status.servers += (status.servers.empty() ? "" : ",") + server;
  for (size_t c = 0; c < model::kCollectors; ++c) {
    auto& collector = status.collectors.emplace_back();
    collector.name = model::kCollectorNames[c];
    collector.off = cluster.disabled_collectors.contains(static_cast<model::Collector>(c));
  }
  return status;
}

metrics::ClusterStatus with_runs(metrics::ClusterStatus status, const std::vector<model::CollectorRun>& runs,
                                 model::WallTime at) {
  for (const auto& run : runs) {
    auto& collector = status.collectors[static_cast<size_t>(run.collector)];
    collector.ran = true;
    collector.success = run.success();
    collector.duration_seconds = run.seconds;
    if (run.success()) collector.last_success_unix_seconds = model::unix_seconds(at);
    collector.last_error.clear();
    if (!run.success()) {
      const auto& first = run.failures.front();
      collector.last_error = fmt::format("{}: {}", name(first.reason), first.what);
      if (run.failures.size() > 1) collector.last_error += fmt::format(" (and {} more)", run.failures.size() - 1);
    }
  }
  return status;
}

metrics::ClusterStatus next_status(metrics::ClusterStatus status, const std::vector<model::CollectorRun>& runs,
                                   model::WallTime at, double took, const model::Snapshot& snapshot) {
  status.polled = true;
  status.up = snapshot.up;
  status.last_poll_unix_seconds = model::unix_seconds(at);
  status.last_poll_duration_seconds = took;
  if (const auto& metadata = snapshot.metadata) {
    status.cluster_id = metadata->cluster_id;
    status.brokers = metadata->brokers.size();
    status.topics = metadata->topics.size();
    status.partitions = metadata->partition_count;
  } else {
    status.brokers = status.topics = status.partitions = 0;
  }
  status.groups =
      std::count_if(snapshot.groups.begin(), snapshot.groups.end(), [](auto& group) { return group.shown; });
  return with_runs(std::move(status), runs, at);
}

}  // namespace kafkascope::poll
