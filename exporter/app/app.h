#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "app/running_cluster.h"
#include "app/running_ensemble.h"
#include "config/config.h"
#include "config/parse.h"
#include "metrics/exporter.h"
#include "metrics/publisher.h"
#include "web/server.h"

namespace kafkascope::app {

/// Owns the clusters and ensembles that are polled, the page that they publish, and the server that serves it.
/// Thread-safety: one thread.
class App {
 public:
  /// `reload`: for requests to /-/reload.
  App(const config::Version& version, std::shared_ptr<metrics::ExporterMetrics> exporter, web::Reload reload = {});
  /// Stops everything within two seconds, whatever Kafka and HTTP clients do.
  ~App();

  /// Applies the first or a changed configuration, whose section `web` is the same. Clusters whose sections did not
  /// change keep running; a changed one keeps running until its new settings are connected (RunningCluster). The same
  /// holds for ensembles, whose new settings apply at once. Throws kafka::Error or std::runtime_error, for example if a
  /// port is in use.
  void apply(const config::Config& config);

  /// Must be called every second: lets changed clusters take over, applies changes of the web configuration's files,
  /// and drops the series of pollers that hang. Returns whether the polls of all clusters complete.
  bool watch();

  /// Returns the port of each listener but that of health checks.
  const std::vector<int>& ports() const { return server_->ports(); }
  std::shared_ptr<const metrics::Page> page() const { return publisher_.page(); }

 private:
  std::vector<metrics::Family> own_families(const metrics::Page& last);
  /// Applies the sections of one kind of target to those that run.
  template <class Running, class Section>
  void apply_sections(const std::vector<Section>& sections, const config::Labels& labels,
                      std::vector<std::unique_ptr<Running>>& all);
  void serve(const config::Web& web);
  void watch_web();

  const config::Version version_;
  const std::shared_ptr<metrics::ExporterMetrics> exporter_;  // shared with the log
  const web::Reload reload_;
  std::mutex config_mutex_;
  std::shared_ptr<const config::Config> config_ = std::make_shared<config::Config>();  // guarded by config_mutex_
  metrics::Publisher publisher_;
  std::vector<std::unique_ptr<RunningCluster>> clusters_;
  std::vector<std::unique_ptr<RunningEnsemble>> ensembles_;
  std::unique_ptr<web::Server> server_;         // null before the first apply()
  std::unique_ptr<web::Server> health_server_;  // null if there is no address for it
};

}  // namespace kafkascope::app
