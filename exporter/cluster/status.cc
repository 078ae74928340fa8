#include "cluster/status.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "cluster/problems.h"
#include "poll/status.h"

namespace kafkascope::cluster {

model::ClusterStatus initial_status(const config::Cluster& cluster) {
  model::ClusterStatus status;
  status.name = cluster.name;
  for (const auto& server : cluster.servers) status.servers += (status.servers.empty() ? "" : ",") + server;
  for (const auto& collector : model::kKafkaCollectors)
    status.collectors.push_back(
        {.name = std::string(collector.name), .off = cluster.disabled_collectors.contains(collector)});
  return status;
}

namespace {

/// Notes the certificate that expires first.
void add_certificates(const model::Snapshot& snapshot, model::ClusterStatus& status) {
  status.first_expiry_unix_seconds = 0;
  status.first_expiry_of.clear();
  const auto note = [&](int64_t expiry, std::string of) {
    const auto seconds = static_cast<double>(expiry);
    if (status.first_expiry_unix_seconds > 0 && seconds >= status.first_expiry_unix_seconds) return;
    status.first_expiry_unix_seconds = seconds;
    status.first_expiry_of = std::move(of);
  };
  for (const auto& [id, certificate] : snapshot.certificates.brokers)
    if (snapshot.brokers.contains(id)) note(certificate.expiry, fmt::format("broker {}", id));
  if (snapshot.certificates.own) note(*snapshot.certificates.own, "client certificate");
}

}  // namespace

model::ClusterStatus next_status(model::ClusterStatus status, const std::vector<model::CollectorRun>& runs,
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
  add_certificates(snapshot, status);
  status.problems = problems(snapshot);
  return poll::with_runs(std::move(status), runs, at);
}

}  // namespace kafkascope::cluster
