#include "analysis/cluster_changes.h"

#include <algorithm>
#include <utility>

#include "analysis/partition_mapping.h"

namespace kafkascope::analysis {
namespace {

using model::ClusterChanges;
using model::ClusterEvent;
using model::Metadata;
using Kind = model::ClusterEvent::Kind;

void note(ClusterChanges& changes, uint64_t ClusterChanges::*counter, ClusterEvent event) {
  if (counter) ++(changes.*counter);
  if (changes.events.size() < ClusterChanges::kMaxEvents)
    changes.events.push_back(std::move(event));
  else
    ++changes.more_events;
}

void note_created(ClusterChanges& changes, const model::Topic& topic) {
  note(changes, &ClusterChanges::topics_created,
       {.kind = Kind::kTopicCreated, .name = topic.name, .number = static_cast<int64_t>(topic.partitions.size())});
}

void note_deleted(ClusterChanges& changes, const std::string& name) {
  note(changes, &ClusterChanges::topics_deleted, {.kind = Kind::kTopicDeleted, .name = name});
}

/// Returns whether Kafka hides all topics, because the user may not describe them any more: internal topics are not
/// deleted.
bool all_hidden(const Metadata& before, const Metadata& now, const ClusterChanges& changes) {
  if (!now.topics.empty() || now.omitted_topics > 0) return false;
  return changes.all_hidden ||
         std::any_of(before.topics.begin(), before.topics.end(), [](auto& topic) { return topic.internal; });
}

void count_topics(const Metadata& before, const Metadata& now, bool complete, ClusterChanges& changes) {
  auto missing = std::exchange(changes.missing_topics, {});
  auto old = before.topics.begin();
  const auto end = before.topics.end();
  for (const auto& topic : now.topics) {
    for (; old != end && old->name < topic.name; ++old) changes.missing_topics.emplace(old->name, old->id);
    if (old != end && old->name == topic.name) {
      if (!same_topic(old->id, topic.id)) {
        note_deleted(changes, topic.name);
        note_created(changes, topic);
      } else if (topic.partitions.size() > old->partitions.size()) {
        note(changes, nullptr,
             {.kind = Kind::kPartitionsAdded,
              .name = topic.name,
              .number = static_cast<int64_t>(topic.partitions.size()),
              .before = static_cast<int64_t>(old->partitions.size())});
      }
      ++old;
    } else if (const auto was = missing.find(topic.name); was == missing.end()) {
      note_created(changes, topic);
    } else {
      if (!same_topic(was->second, topic.id)) {
        note_deleted(changes, topic.name);
        note_created(changes, topic);
      }
      missing.erase(was);
    }
  }
  for (; old != end; ++old) changes.missing_topics.emplace(old->name, old->id);
  if (complete)
    for (const auto& [name, id] : missing) note_deleted(changes, name);
  else
    changes.missing_topics.merge(missing);
}

void count_brokers(const Metadata& before, const Metadata& now, ClusterChanges& changes) {
  auto missing = std::exchange(changes.missing_brokers, {});
  const auto has = [](const Metadata& metadata, int32_t id) {
    return std::any_of(metadata.brokers.begin(), metadata.brokers.end(), [&](auto& broker) { return broker.id == id; });
  };
  for (const auto& broker : now.brokers)
    if (missing.erase(broker.id) == 0 && !has(before, broker.id))
      note(changes, &ClusterChanges::brokers_added,
           {.kind = Kind::kBrokerAdded, .value = broker.host + ":" + std::to_string(broker.port), .number = broker.id});
  for (const auto& broker : before.brokers)
    if (!has(now, broker.id)) changes.missing_brokers.insert(broker.id);
  for (const int32_t id : missing)
    note(changes, &ClusterChanges::brokers_removed, {.kind = Kind::kBrokerRemoved, .number = id});
}

bool is_other_cluster(const Metadata& before, const Metadata& now) {
  return !before.cluster_id.empty() && !now.cluster_id.empty() && before.cluster_id != now.cluster_id;
}

}  // namespace

void count_cluster_changes(const model::PollResult& result, ClusterChanges& changes) {
  changes.events.clear();
  changes.more_events = 0;
  if (!result.metadata_read || result.metadata->brokers.empty()) return;
  const auto before = std::exchange(changes.baseline, result.metadata);
  const Metadata& now = *result.metadata;
  if (before && is_other_cluster(*before, now)) {
    changes.missing_topics.clear();
    changes.missing_brokers.clear();
    changes.controller.reset();
    note(changes, nullptr, {.kind = Kind::kClusterReplaced, .name = now.cluster_id});
  } else if (before) {
    const auto* run = model::find_run(result.runs, model::Collector::kMetadata);
    changes.all_hidden = all_hidden(*before, now, changes);
    count_topics(*before, now, (!run || run->success()) && !changes.all_hidden, changes);
    count_brokers(*before, now, changes);
  }
  if (!result.controller) return;
  if (const auto last = std::exchange(changes.controller, result.controller); last && last != result.controller)
    note(changes, &ClusterChanges::controllers,
         {.kind = Kind::kControllerChanged, .number = *result.controller, .before = *last});
}

void count_config_changes(const std::string& topic, const model::TopicSettings& before, const model::TopicSettings& now,
                          ClusterChanges& changes) {
  const auto changed = [&](const std::string& key, const std::string& value) {
    note(changes, &ClusterChanges::topic_configs,
         {.kind = Kind::kTopicConfigChanged, .name = topic, .key = key, .value = value});
  };
  for (const auto& [key, value] : now.own)
    if (const auto old = before.own.find(key); old == before.own.end() || old->second != value) changed(key, value);
  for (const auto& [key, value] : before.own)
    if (!now.own.contains(key)) changed(key, {});
}

}  // namespace kafkascope::analysis
