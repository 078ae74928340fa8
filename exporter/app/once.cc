#include "app/once.h"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <utility>
#include <vector>

#include "app/first_poll.h"
#include "cluster/kafka_source.h"
#include "cluster/kafka_target.h"
#include "metrics/family_writer.h"
#include "metrics/publisher.h"
#include "poll/failure_log.h"
#include "zookeeper/target.h"

namespace kafkascope::app {
namespace {

using std::chrono::steady_clock;

/// Returns whether the last poll reached the cluster.
bool poll_cluster(const config::Cluster& cluster, const config::Labels& labels, metrics::ExporterMetrics& exporter,
                  metrics::Publisher& publisher) {
  cluster::KafkaTarget target(cluster, metrics::constant_labels(labels, cluster.name),
                              std::make_unique<cluster::KafkaSource>(cluster));
  exporter.add_target(cluster.name, cluster.polling.interval, target.collectors());
  publisher.add(cluster.name, target.down_page());
  poll::FailureLog failures(cluster.name);
  const auto record = [&](poll::Output&& output) {
    failures.note(output.runs, steady_clock::now());
    exporter.collectors_ran(cluster.name, output.runs, output.at);
    if (!output.families) return;
    exporter.series_dropped(cluster.name, output.dropped);
    publisher.publish(cluster.name, {std::move(*output.families), std::move(output.status)});
  };

  return run_all_collectors(
      target, cluster.polling.effective_deadline(),
      [&](poll::Output&& output, std::chrono::duration<double> took) {
        const auto held = output.held;
        record(std::move(output));
        exporter.poll_ended(cluster.name, held, took);
      },
      record);
}

/// Polls an ensemble once, since no value needs two polls. Returns whether a server serves requests.
bool poll_ensemble(const config::ZooKeeper& ensemble, const config::Labels& labels, metrics::ExporterMetrics& exporter,
                   metrics::Publisher& publisher) {
  const auto name = model::TargetName::zookeeper(ensemble.name);
  zookeeper::ZooKeeperTarget target(ensemble, metrics::constant_labels(labels, name));
  exporter.add_target(name, ensemble.polling.interval, target.collectors());
  publisher.add(name, target.down_page());
  const auto start = steady_clock::now();
  poll::Output output = target.poll(start + ensemble.polling.effective_deadline());
  poll::FailureLog(name).note(output.runs, steady_clock::now());
  exporter.collectors_ran(name, output.runs, output.at);
  exporter.poll_ended(name, output.held, steady_clock::now() - start);
  publisher.publish(name, {std::move(*output.families), std::move(output.status)});
  return target.is_up();
}

}  // namespace

int print_once(const config::Config& config, const std::shared_ptr<metrics::ExporterMetrics>& exporter) {
  metrics::Publisher publisher(
      [&](const metrics::Page& last) { return exporter->families(last, config.labels, config.disabled_families); });
  std::atomic<bool> all_up = true;
  {
    std::vector<std::jthread> threads;
    threads.reserve(config.clusters.size() + config.zookeeper.size());
    for (const auto& cluster : config.clusters)
      threads.emplace_back([&] {
        if (!poll_cluster(cluster, config.labels, *exporter, publisher)) all_up = false;
      });
    for (const auto& ensemble : config.zookeeper)
      threads.emplace_back([&] {
        if (!poll_ensemble(ensemble, config.labels, *exporter, publisher)) all_up = false;
      });
  }
  publisher.refresh(steady_clock::now());
  const bool written = publisher.page()->inflate(
      [](std::string_view text) { return std::fwrite(text.data(), 1, text.size(), stdout) == text.size(); });
  return written && std::fflush(stdout) == 0 && all_up ? EXIT_SUCCESS : EXIT_FAILURE;
}

}  // namespace kafkascope::app
