#pragma once

#include <atomic>
#include <set>

#include "config/config.h"
#include "kafka/client.h"
#include "poll/source.h"

namespace kafkascope::poll {

/// The real cluster: runs the collectors, in the order in which later ones need what earlier ones learnt.
class KafkaSource : public Source {
 public:
  /// Throws kafka::Error when librdkafka refuses the configuration.
  explicit KafkaSource(const config::Cluster& cluster) : cluster_(cluster), client_(cluster) {}

  model::Facts ask(const Plan& plan) override;
  void stop() override { stopped_ = true; }

 private:
  const config::Cluster cluster_;
  kafka::Client client_;
  std::atomic<bool> stopped_{false};
  std::set<int32_t> answered_;  ///< In the last poll.
};

}  // namespace kafkascope::poll
