#pragma once

#include <atomic>
#include <set>

#include "config/config.h"
#include "kafka/client.h"
#include "poll/append_times.h"
#include "poll/source.h"

namespace kafkascope::poll {

/// The real cluster: runs the collectors, in the order in which later ones need what earlier ones learnt.
class KafkaSource : public Source {
 public:
  /// Throws kafka::Error when librdkafka refuses the configuration.
  explicit KafkaSource(const config::Cluster& cluster)
      : cluster_(cluster), client_(cluster), slow_client_(cluster, client_.logins()) {}

  model::Facts ask(const Plan& plan) override;
  model::SlowFacts ask_slowly(const SlowPlan& plan) override;
  void stop() override { stopped_ = true; }

 private:
  bool wants(model::Collector collector) const { return !cluster_.disabled_collectors.contains(collector); }
  void ask_controller(const Plan& plan, model::Facts& facts);

  const config::Cluster cluster_;
  kafka::Client client_;
  /// A broker answers one connection strictly in order: what it may take its time for goes over another.
  kafka::Client slow_client_;
  std::atomic<bool> stopped_{false};
  std::set<int32_t> answered_;  ///< In the last poll.
  Searches searches_;           ///< What was not found yet, by the partition numbers of
  std::shared_ptr<const model::Metadata> searched_;
};

}  // namespace kafkascope::poll
