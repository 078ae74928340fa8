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

/// All that runs: a poller for each cluster, the page that they publish, and the server that serves it.
/// Thread-safety: one thread.
class App {
 public:
  /// The configuration's labels and disabled families, and `exporter`, which was made with these, are those of the
  /// App's whole life.
  App(const config::Version& version, std::shared_ptr<metrics::ExporterMetrics> exporter);
  /// Ends all within two seconds, whatever Kafka and HTTP clients do.
  ~App();

  /// Starts, or changes what runs: clusters and listeners whose sections are equal go on undisturbed, others start
  /// anew. Throws kafka::Error or std::runtime_error for what only shows when it is tried, such as a port in use.
  void apply(const config::Config& config);

  /// To be called every second or so: deals with pollers that hang.
  void watch();

  /// Of each address that is listened on.
  const std::vector<int>& ports() const { return server_->ports(); }
  std::shared_ptr<const metrics::Page> page() const { return publisher_.page(); }

 private:
  struct RunningCluster {
    config::Cluster config;
    std::unique_ptr<poll::Poller> poller;
  };

  void apply_clusters(const config::Config& config);
  void apply_web(const config::Web& web);
  void stop(std::vector<RunningCluster> clusters);

  const config::Version version_;
  const std::shared_ptr<metrics::ExporterMetrics> exporter_;  // shared with the log
  metrics::Publisher publisher_;
  std::vector<RunningCluster> clusters_;
  config::Web web_;
  std::unique_ptr<web::Server> server_;  // null before the first apply()
};

}  // namespace kafkascope::app
