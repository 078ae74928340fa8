#pragma once

#include "model/poll_result.h"
#include "model/snapshot.h"

namespace kafkascope::analysis {

/// Counts topics, brokers and controllers that came or went since the last metadata; begins a new list of events. The
/// first metadata, and that of another cluster, is only remembered. Something is gone when it is absent from two
/// successive metadata: a single response may be incomplete.
void count_cluster_changes(const model::PollResult& result, model::ClusterChanges& changes);

/// Counts the topic's own settings that differ. Begins no new list of events.
void count_config_changes(const std::string& topic, const model::TopicSettings& before, const model::TopicSettings& now,
                          model::ClusterChanges& changes);

}  // namespace kafkascope::analysis
