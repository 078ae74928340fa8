#pragma once

#include <memory>
#include <string>

#include "config/config.h"
#include "metrics/exporter.h"
#include "metrics/publisher.h"
#include "poll/poller.h"

namespace kafkascope::app {

/// A ZooKeeper ensemble that is polled. It has no connections that last, so that other settings apply at once.
/// Thread-safety: one thread.
class RunningEnsemble {
 public:
  /// Starts polling. `labels`: constant labels of the program. Throws std::runtime_error if OpenSSL rejects a file.
  RunningEnsemble(const config::ZooKeeper& ensemble, const config::Labels& labels, metrics::ExporterMetrics& exporter,
                  metrics::Publisher& publisher);

  model::TargetName target() const { return model::TargetName::zookeeper(current_.name); }

  /// Applies other settings. No effect if they are the same. Throws as the constructor does; the previous ones then
  /// stay in use.
  void replace(const config::ZooKeeper& ensemble, const config::Labels& labels);

  /// Must be called every second (Poller::watch). Returns whether polls complete.
  bool watch() { return poller_->watch(); }

  /// Makes the destructor quick.
  void stop() { poller_->stop(); }

 private:
  void start(const config::ZooKeeper& ensemble, const config::Labels& labels, poll::Poller::Start how);

  metrics::ExporterMetrics& exporter_;
  metrics::Publisher& publisher_;
  config::ZooKeeper current_;
  config::Labels labels_;
  std::unique_ptr<poll::Poller> poller_;
};

}  // namespace kafkascope::app
