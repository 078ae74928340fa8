#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "config/parse.h"
#include "metrics/exporter.h"
#include "metrics/publisher.h"
#include "poll/poller.h"
#include "web/server.h"

namespace kafkascope::app {

/// Owns a poller for each cluster, the page that they publish, and the server that serves it. Thread-safety: one
/// thread.
class App {
 public:
  /// Labels and disabled families of `config`, with which `exporter` was created, cannot change later.
  App(const config::Version& version, std::shared_ptr<metrics::ExporterMetrics> exporter);
  /// Stops everything within two seconds, whatever Kafka and HTTP clients do.
  ~App();

  /// Applies the first or a changed configuration. Clusters and listeners whose sections did not change keep running,
  /// others are restarted. Throws kafka::Error or std::runtime_error, for example if a port is in use.
  void apply(const config::Config& config);

  /// Must be called every second: applies changes of the web configuration's files, and drops the series of pollers
  /// that hang. Returns whether the polls of all clusters complete.
  bool watch();

  /// Returns the port of each listener but that of health checks.
  const std::vector<int>& ports() const { return server_->ports(); }
  std::shared_ptr<const metrics::Page> page() const { return publisher_.page(); }

 private:
  struct RunningCluster {
    config::Cluster config;
    std::unique_ptr<poll::Poller> poller;
  };

  void apply_clusters(const config::Config& config);
  void apply_web(const config::Web& web);
  void watch_web();
  void stop(std::vector<RunningCluster> clusters);

  const config::Version version_;
  const std::shared_ptr<metrics::ExporterMetrics> exporter_;  // shared with the log
  metrics::Publisher publisher_;
  std::vector<RunningCluster> clusters_;
  config::Web web_;
  std::unique_ptr<web::Server> server_;         // null before the first apply()
  std::unique_ptr<web::Server> health_server_;  // null if there is no address for it
};

}  // namespace kafkascope::app
