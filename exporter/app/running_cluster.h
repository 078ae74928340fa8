#pragma once

#include <memory>
#include <string>

#include "cluster/kafka_source.h"
#include "cluster/kafka_target.h"
#include "config/config.h"
#include "metrics/exporter.h"
#include "metrics/publisher.h"
#include "poll/poller.h"

namespace kafkascope::app {

/// A cluster that is polled. Its settings can be replaced while it runs: the new ones get a connection of their own and
/// take over once it works, so that the series continue without a gap. Thread-safety: one thread.
class RunningCluster {
 public:
  /// Starts polling. `labels`: constant labels of the program. Throws kafka::Error if librdkafka rejects the
  /// configuration.
  RunningCluster(const config::Cluster& cluster, const config::Labels& labels, metrics::ExporterMetrics& exporter,
                 metrics::Publisher& publisher);
  /// Ends polling; up to kafka::kDestroyGrace.
  ~RunningCluster();

  model::TargetName target() const { return current_.name; }

  /// Applies other settings to the cluster: at once if it is not reached with the previous ones, else once they are
  /// connected. No effect if they are the same. Throws kafka::Error if librdkafka rejects them; the previous ones then
  /// stay in use.
  void replace(const config::Cluster& cluster, const config::Labels& labels);

  /// Must be called every second. Lets replaced settings take over when they are connected, and watches the poller
  /// (Poller::watch). Returns whether polls complete.
  bool watch();

  /// Makes the destructor quick.
  void stop();

 private:
  /// Settings that wait for a connection.
  struct Successor {
    config::Cluster cluster;
    config::Labels labels;
    std::unique_ptr<cluster::KafkaSource> source;
    model::Time since;
    bool logged = false;
  };

  /// Starts a poller with these settings. `snapshot`: what is known of the cluster.
  void start(const config::Cluster& cluster, const config::Labels& labels, std::unique_ptr<cluster::KafkaSource> source,
             model::Snapshot snapshot, poll::Poller::Start how);
  void take_over();

  metrics::ExporterMetrics& exporter_;
  metrics::Publisher& publisher_;
  config::Cluster current_;
  config::Labels labels_;
  cluster::KafkaTarget* target_ = nullptr;  ///< Owned by poller_.
  std::unique_ptr<poll::Poller> poller_;
  std::unique_ptr<Successor> successor_;
};

}  // namespace kafkascope::app
