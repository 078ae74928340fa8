#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "cluster/append_times.h"
#include "cluster/source.h"
#include "config/config.h"
#include "kafka/client.h"

namespace kafkascope::cluster {

/// The real cluster: runs the collectors, in the order in which later ones need what earlier ones learnt.
class KafkaSource : public Source {
 public:
  /// Throws kafka::Error when librdkafka refuses the configuration.
  explicit KafkaSource(const config::Cluster& cluster);
  ~KafkaSource() override;

  model::Facts ask(const Plan& plan) override;
  model::SlowFacts ask_slowly(const SlowPlan& plan) override;
  void stop() override { stopped_ = true; }

 private:
  bool wants(model::Collector collector) const { return !cluster_.disabled_collectors.contains(collector); }
  void ask_controller(const Plan& plan, model::Facts& facts);
  /// Returns the brokers in the order of order_, others at the end.
  std::vector<int32_t> in_order(std::vector<int32_t> brokers) const;

  const config::Cluster cluster_;
  std::jthread slow_client_end_;  ///< Before client_, for it is joined after it: the two clients end side by side.
  kafka::Client client_;
  /// A broker answers one connection strictly in order: what it may take its time for goes over another.
  std::unique_ptr<kafka::Client> slow_client_;
  std::atomic<bool> stopped_{false};
  /// Brokers that answered in the last poll, in the order in which to ask what any of them can answer: slow ones last.
  std::vector<int32_t> order_;
  std::string next_topic_config_;  ///< Name of the topic that the next reading of all settings begins with.
  Searches searches_;              ///< What was not found yet, by the partition numbers of
  std::shared_ptr<const model::Metadata> searched_;
};

}  // namespace kafkascope::cluster
