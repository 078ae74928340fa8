#include "cluster/change_log.h"

#include "log/event.h"

namespace kafkascope::cluster {

using Kind = model::ClusterEvent::Kind;

void log_changes(const std::string& cluster, const model::ClusterChanges& changes) {
  for (const model::ClusterEvent& event : changes.events) {
    const LogField in{"cluster", cluster}, topic{"topic", event.name};
    switch (event.kind) {
      case Kind::kTopicCreated:
        log_event(LogLevel::kInfo, "topic created", {in, topic, {"partitions", event.number}});
        break;
      case Kind::kTopicDeleted:
        log_event(LogLevel::kInfo, "topic deleted", {in, topic});
        break;
      case Kind::kPartitionsAdded:
        log_event(LogLevel::kInfo, "partitions added",
                  {in, topic, {"partitions", event.number}, {"before", event.before}});
        break;
      case Kind::kTopicConfigChanged:
        log_event(LogLevel::kInfo, "topic configuration changed",
                  {in, topic, {"key", event.key}, {"value", event.value}});
        break;
      case Kind::kBrokerAdded:
        log_event(LogLevel::kInfo, "broker added", {in, {"id", event.number}, {"address", event.value}});
        break;
      case Kind::kBrokerRemoved:
        log_event(LogLevel::kInfo, "broker removed", {in, {"id", event.number}});
        break;
      case Kind::kControllerChanged:
        log_event(LogLevel::kInfo, "controller changed", {in, {"id", event.number}, {"before", event.before}});
        break;
      case Kind::kClusterReplaced:
        log_event(LogLevel::kWarning, "cluster replaced", {in, {"cluster_id", event.name}});
        break;
    }
  }
  if (changes.more_events > 0)
    log_event(LogLevel::kInfo, "changes not logged", {{"cluster", cluster}, {"count", changes.more_events}});
}

}  // namespace kafkascope::cluster
