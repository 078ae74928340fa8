#include "app/check.h"

#include <signal.h>
#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "app/first_poll.h"
#include "cluster/kafka_source.h"
#include "cluster/kafka_target.h"
#include "config/properties.h"
#include "endpoint/endpoint.h"
#include "metrics/family_writer.h"
#include "metrics/publisher.h"
#include "report/check.h"

namespace kafkascope::app {
namespace {

using std::chrono::steady_clock;

/// Connections that are tried at the same time.
constexpr size_t kInspections = 32;

std::string address_of(const model::Broker& broker) {
  return broker.host.find(':') == std::string::npos ? fmt::format("{}:{}", broker.host, broker.port)
                                                    : fmt::format("[{}]:{}", broker.host, broker.port);
}

/// Returns the name of the principal as brokers see it; empty: they take it from a token or a certificate.
std::string user_of(const config::Cluster& cluster, const std::string& mechanism) {
  if (mechanism == "PLAIN" || mechanism.starts_with("SCRAM")) return config::property(cluster, "sasl.username");
  if (mechanism != "GSSAPI") return "";
  const std::string principal = config::property(cluster, "sasl.kerberos.principal");
  return principal.substr(0, principal.find_first_of("/@"));
}

report::ClusterFacts settings_of(const config::Cluster& cluster) {
  report::ClusterFacts facts;
  facts.name = cluster.name;
  facts.server = cluster.servers.front();
  if (config::uses_sasl(cluster)) {
    facts.mechanism = config::property(cluster, "sasl.mechanism");
    if (facts.mechanism.empty()) facts.mechanism = config::property(cluster, "sasl.mechanisms");
    facts.user = user_of(cluster, facts.mechanism);
  }
  facts.tls = config::uses_tls(cluster);
  facts.verified = config::property(cluster, "enable.ssl.certificate.verification") != "false";
  facts.name_verified = config::property(cluster, "ssl.endpoint.identification.algorithm") != "none";
  for (const auto& collector : cluster.disabled_collectors) facts.disabled.emplace_back(collector.name);
  return facts;
}

/// Returns what connections to the bootstrap servers and to the advertised addresses show, each address once.
std::vector<model::Endpoint> inspect(const config::Cluster& cluster, const std::vector<report::BrokerFacts>& brokers) {
  std::vector<std::pair<std::string, std::string>> wanted;  // address and origin
  wanted.reserve(cluster.servers.size() + brokers.size());
  for (const auto& server : cluster.servers) wanted.emplace_back(server, "bootstrap");
  for (const auto& broker : brokers) {
    const auto known =
        std::find_if(wanted.begin(), wanted.end(), [&](auto& each) { return each.first == broker.address; });
    if (known == wanted.end()) wanted.emplace_back(broker.address, fmt::format("broker {}", broker.id));
  }
  std::vector<model::Endpoint> endpoints(wanted.size());
  const auto timeout = cluster.polling.effective_request_timeout();
  for (size_t first = 0; first < wanted.size(); first += kInspections) {
    std::vector<std::jthread> threads;
    threads.reserve(kInspections);
    for (size_t i = first; i < std::min(wanted.size(), first + kInspections); ++i)
      threads.emplace_back(
          [&, i] { endpoints[i] = endpoint::inspect(wanted[i].first, wanted[i].second, cluster, timeout); });
  }
  return endpoints;
}

void add_snapshot(const model::Snapshot& snapshot, report::ClusterFacts& facts) {
  facts.up = snapshot.up;
  facts.groups = static_cast<size_t>(
      std::count_if(snapshot.groups.begin(), snapshot.groups.end(), [](auto& group) { return group.shown; }));
  if (!snapshot.metadata) return;
  facts.topics = snapshot.metadata->topics.size();
  facts.omitted_topics = snapshot.metadata->omitted_topics;
  facts.partitions = snapshot.metadata->partition_count;
  for (const auto& broker : snapshot.metadata->brokers) {
    report::BrokerFacts& to = facts.brokers.emplace_back(report::BrokerFacts{broker.id, address_of(broker)});
    if (const auto known = snapshot.brokers.find(broker.id); known != snapshot.brokers.end())
      to.responded = known->second.up;
    const auto features = snapshot.features.find(broker.id);
    if (features == snapshot.features.end() || !features->second) continue;
    const auto level = features->second->max_levels.find("metadata.version");
    if (level != features->second->max_levels.end()) to.metadata_version = level->second;
  }
}

report::CheckedCluster check_cluster(const config::Cluster& cluster, const config::Labels& labels,
                                     metrics::ExporterMetrics& exporter, metrics::Publisher& publisher) {
  auto owned = std::make_unique<cluster::KafkaSource>(cluster);
  cluster::KafkaSource& source = *owned;
  cluster::KafkaTarget target(cluster, metrics::constant_labels(labels, cluster.name), std::move(owned));
  exporter.add_target(cluster.name, cluster.polling.interval, target.collectors());
  publisher.add(cluster.name, target.down_page());
  report::ClusterFacts facts = settings_of(cluster);
  std::map<std::string_view, model::CollectorRun> runs;
  const auto record = [&](poll::Output&& output) {
    exporter.collectors_ran(cluster.name, output.runs, output.at);
    for (auto& run : output.runs) runs[run.collector.name] = std::move(run);
    if (output.families) publisher.publish(cluster.name, {std::move(*output.families), std::move(output.status)});
  };
  const auto time = cluster.polling.effective_deadline();
  run_all_collectors(
      target, time,
      [&](poll::Output&& output, std::chrono::duration<double> took) {
        facts.poll_seconds = took.count();
        record(std::move(output));
      },
      record);
  for (auto& [name, run] : runs) facts.runs.push_back(std::move(run));
  add_snapshot(target.snapshot(), facts);
  if (facts.up)
    if (const auto operations = source.topic_operations(steady_clock::now() + time))
      facts.rights = report::TopicRights{operations->topics, operations->unreadable};
  facts.endpoints = inspect(cluster, facts.brokers);
  facts.now_unix_seconds = model::unix_seconds(model::WallTime::clock::now());
  return {cluster.name, report::check_lines(facts)};
}

}  // namespace

int check(const config::Config& config, model::OutputFormat output,
          const std::shared_ptr<metrics::ExporterMetrics>& exporter) {
  signal(SIGPIPE, SIG_IGN);  // also sent when a broker closes a TLS connection
  metrics::Publisher publisher(
      [&](const metrics::Page& last) { return exporter->families(last, config.labels, config.disabled_families); });
  report::CheckReport report;
  report.clusters.resize(config.clusters.size());
  {
    std::vector<std::jthread> threads;
    threads.reserve(config.clusters.size());
    for (size_t i = 0; i < config.clusters.size(); ++i)
      threads.emplace_back(
          [&, i] { report.clusters[i] = check_cluster(config.clusters[i], config.labels, *exporter, publisher); });
  }
  publisher.refresh(steady_clock::now());
  const auto page = publisher.page();
  report.page_bytes = page->text_bytes();
  report.page_gzip_bytes = page->gzip().size();
  report.series = page->series();
  const std::string text = output == model::OutputFormat::kJson ? check_json(report) : check_text(report);
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
  return written && report.good() ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace kafkascope::app
