#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <utility>

namespace kafkascope::model {

/// Identifies a target: its kind and its name among those of its kind.
struct TargetName {
  // Not explicit: a Kafka cluster is identified by its name, which is empty for a single one without a name.
  TargetName(std::string cluster) : name(std::move(cluster)) {}
  TargetName(const char* cluster) : name(cluster) {}

  static TargetName zookeeper(std::string ensemble) {
    TargetName target(std::move(ensemble));
    target.label = "zk_ensemble";
    target.field = "ensemble";
    return target;
  }

  std::string_view label = "kafka_cluster";  ///< Of its series, with its name.
  std::string_view field = "cluster";        ///< Of its log events, with its name.
  std::string name;

  auto operator<=>(const TargetName&) const = default;
};

}  // namespace kafkascope::model
