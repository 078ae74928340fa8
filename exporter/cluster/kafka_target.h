#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cluster/name_cache.h"
#include "cluster/source.h"
#include "config/config.h"
#include "kafka/limits.h"
#include "metrics/family_writer.h"
#include "model/figures.h"
#include "model/snapshot.h"
#include "poll/target.h"

namespace kafkascope::cluster {

/// A Kafka cluster as a target: polls its source, computes the next snapshot, and writes it.
class KafkaTarget : public poll::Target {
 public:
  /// `snapshot`: of an earlier target for this cluster, whose settings selected the same topics and groups.
  KafkaTarget(const config::Cluster& cluster, std::string constant_labels, std::unique_ptr<Source> source,
              model::Snapshot snapshot = {});

  /// Returns whether the last poll reached the cluster.
  bool is_up() const { return is_up_; }
  /// Returns the current snapshot. Must not be called during a poll.
  const model::Snapshot& snapshot() const { return snapshot_; }
  model::Snapshot take_snapshot() { return std::move(snapshot_); }

  std::span<const model::Collector> collectors() const override { return model::kKafkaCollectors; }
  metrics::TargetPage down_page() const override;
  poll::Output poll(model::Time deadline) override;
  std::optional<poll::Output> between_polls(model::Time deadline) override;
  void stop() override;

 private:
  /// Which of the slow collectors are due between this poll and the next.
  BackgroundPlan plan_background(model::Time now, model::Time deadline) const;
  /// Adds what the configuration says of the names of topics and groups.
  void add_configured(model::Figures& figures);
  void add_dead_letters(model::Figures& figures);
  /// Writes the snapshot.
  void render(poll::Output& output);

  const config::Cluster cluster_;
  const std::string constant_labels_;
  const std::unique_ptr<Source> source_;
  metrics::FamilyWriter families_;
  NameCache<config::NameLabels> topic_labels_, group_labels_;
  NameCache<config::DeadLetters> dead_letters_;
  model::Snapshot snapshot_;
  model::ClusterStatus status_;
  int64_t polls_ = 0;
  /// When slow collectors are due, in the order in which they run first: log directories, newest
  /// and oldest records, transactions.
  model::Time topic_configs_due_{}, log_dirs_due_{}, newest_records_due_{}, oldest_records_due_{}, transactions_due_{},
      features_due_{};
  model::Time started_{};  ///< When slow collectors ran first.
  int start_rounds_ = kafka::kStartRounds;
  std::atomic<bool> stopped_{false}, is_up_{false};
};

}  // namespace kafkascope::cluster
