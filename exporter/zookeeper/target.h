#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>

#include "config/config.h"
#include "metrics/family_writer.h"
#include "model/status.h"
#include "model/zookeeper.h"
#include "poll/target.h"
#include "zookeeper/source.h"

namespace kafkascope::zookeeper {

/// A ZooKeeper ensemble as a target.
class ZooKeeperTarget : public poll::Target {
 public:
  /// Throws std::runtime_error if OpenSSL rejects the TLS files.
  ZooKeeperTarget(const config::ZooKeeper& ensemble, std::string constant_labels);

  /// Returns whether a server served requests in the last poll.
  bool is_up() const { return is_up_; }

  std::span<const model::Collector> collectors() const override { return {&model::kZooKeeper, 1}; }
  metrics::TargetPage down_page() const override;
  poll::Output poll(model::Time deadline) override;
  std::optional<poll::Output> between_polls(model::Time) override { return {}; }
  void stop() override;

 private:
  const config::ZooKeeper ensemble_;
  const std::string constant_labels_;
  Source source_;
  metrics::FamilyWriter families_;
  model::ZooKeeperSnapshot snapshot_;
  model::ClusterStatus status_;
  std::atomic<bool> stopped_{false}, is_up_{false};
};

}  // namespace kafkascope::zookeeper
