#include "app/running_cluster.h"

#include <algorithm>
#include <utility>

#include "log/event.h"
#include "metrics/family_writer.h"

namespace kafkascope::app {
namespace {

using std::chrono::steady_clock;

/// Returns whether what was learned with the settings `before` is valid with `after`: the same topics, groups and
/// series are collected.
bool keeps_history(const config::Cluster& before, const config::Cluster& after) {
  config::Cluster same = before;
  same.servers = after.servers;
  same.properties = after.properties;
  same.files = after.files;
  same.topic_labels = after.topic_labels;
  same.group_labels = after.group_labels;
  same.dead_letters = after.dead_letters;
  same.polling = after.polling;
  same.options.interval = after.options.interval;
  same.options.topic_configs_interval = after.options.topic_configs_interval;
  same.options.log_dirs_interval = after.options.log_dirs_interval;
  same.options.record_times_interval = after.options.record_times_interval;
  same.options.transactions_interval = after.options.transactions_interval;
  same.options.kafka_lag_exporter = after.options.kafka_lag_exporter;
  same.options.cluster_name = after.options.cluster_name;
  same.options.features_interval = after.options.features_interval;
  same.options.max_series = after.options.max_series;
  same.options.disabled_families = after.options.disabled_families;
  return same == after;
}

}  // namespace

RunningCluster::RunningCluster(const config::Cluster& cluster, const config::Labels& labels,
                               metrics::ExporterMetrics& exporter, metrics::Publisher& publisher)
    : exporter_(exporter), publisher_(publisher) {
  start(cluster, labels, std::make_unique<cluster::KafkaSource>(cluster), {}, poll::Poller::Start::kNew);
}

RunningCluster::~RunningCluster() = default;

void RunningCluster::start(const config::Cluster& cluster, const config::Labels& labels,
                           std::unique_ptr<cluster::KafkaSource> source, model::Snapshot snapshot,
                           poll::Poller::Start how) {
  const poll::Schedule schedule{.interval = cluster.polling.interval,
                                .deadline = cluster.polling.effective_deadline(),
                                .max_series = cluster.options.max_series};
  auto target = std::make_unique<cluster::KafkaTarget>(cluster, metrics::constant_labels(labels, cluster.name),
                                                       std::move(source), std::move(snapshot));
  target_ = target.get();
  poller_ = std::make_unique<poll::Poller>(cluster.name, schedule, std::move(target), exporter_, publisher_, how);
  current_ = cluster;
  labels_ = labels;
}

void RunningCluster::replace(const config::Cluster& cluster, const config::Labels& labels) {
  if (cluster == current_ && labels == labels_) return successor_.reset();
  if (successor_ && cluster == successor_->cluster && labels == successor_->labels) return;
  auto source = std::make_unique<cluster::KafkaSource>(cluster);
  successor_ = std::make_unique<Successor>(Successor{cluster, labels, std::move(source), steady_clock::now()});
  if (!target_->is_up()) take_over();  // nothing would be lost
}

bool RunningCluster::watch() {
  if (successor_) {
    if (successor_->source->is_connected()) {
      take_over();
    } else if (!successor_->logged &&
               steady_clock::now() - successor_->since > successor_->cluster.polling.effective_deadline()) {
      successor_->logged = true;
      const auto error = successor_->source->connection_error();
      log_event(LogLevel::kWarning, "new settings do not connect",
                {{"cluster", current_.name},
                 {"error", error ? error->what : "no broker is connected"},
                 {"hint", error ? error->hint : ""},
                 {"effect", "the previous settings stay in use until the new ones connect"}});
    }
  }
  return poller_->watch();
}

void RunningCluster::take_over() {
  const std::unique_ptr<Successor> next = std::move(successor_);
  poller_->end();
  auto snapshot = keeps_history(current_, next->cluster) ? target_->take_snapshot() : model::Snapshot();
  start(next->cluster, next->labels, std::move(next->source), std::move(snapshot), poll::Poller::Start::kContinue);
  log_event(LogLevel::kInfo, "new settings in use", {{"cluster", current_.name}});
}

void RunningCluster::stop() { poller_->stop(); }

}  // namespace kafkascope::app
