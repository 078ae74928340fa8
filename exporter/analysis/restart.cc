#include "analysis/restart.h"

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "analysis/hold.h"

namespace kafkascope::analysis {
namespace {

using model::Partition;
using model::RestartImpact;
using model::Snapshot;
using model::Topic;
using model::Value;

using Impacts = std::map<int32_t, RestartImpact>;

/// What would become of a partition. Nothing: not known.
struct Outlook {
  std::optional<bool> stops{}, under_min_isr{};
  model::Time stops_since{}, under_since{};  ///< Since when a setting that decides it is held; epoch: fresh, or none.
};

/// Adds 1 if `happens`. A count is unknown while a part of it is.
void count(Value& value, std::optional<bool> happens, model::Time since) {
  if (!value.known()) return;
  if (!happens) {
    value = {};
    return;
  }
  value.value += *happens;
  value.failing_since = held_since(value.failing_since, since);
}

/// A topic, and the settings that decide elections.
struct TopicView {
  const Topic& topic;
  const model::Cached<model::TopicSettings>* settings;  ///< Null: unknown.
  const std::map<uint32_t, std::vector<int32_t>>& eligible;
  bool eligible_known;

  /// Returns the outlook if one of at least two live in-sync replicas stops: another becomes leader.
  Outlook without_one(const Partition& partition) const {
    Outlook outlook{.stops = false};
    if (!settings) return outlook;
    outlook.under_since = settings->failing_since;
    outlook.under_min_isr = partition.in_sync == std::min<int32_t>((*settings)->min_in_sync, partition.replicas);
    return outlook;
  }

  /// Returns the outlook if the last live in-sync replica stops.
  Outlook without_last(const Partition& partition, int32_t last, const Impacts& live) const {
    const auto has_other = [&](std::span<const int32_t> ids) {
      return std::any_of(ids.begin(), ids.end(), [&](int32_t id) { return id != last && live.contains(id); });
    };
    // The ISR is then the new leader alone, and was hardly more before.
    const auto elects = [](model::Time since) { return Outlook{false, false, since, since}; };
    if (!has_other(topic.replicas(partition))) return {.stops = true};
    const auto found =
        eligible.find(topic.first_partition + static_cast<uint32_t>(&partition - topic.partitions.data()));
    if (found != eligible.end() && has_other(found->second)) return elects({});
    if (!settings) return {};
    if ((*settings)->unclean_elections) return elects(settings->failing_since);
    if (!eligible_known) return {};
    return {.stops = true, .stops_since = settings->failing_since};
  }
};

/// `live`: reused between topics.
void add_topic(const TopicView& view, Impacts& impacts, std::vector<RestartImpact*>& live) {
  for (const Partition& partition : view.topic.partitions) {
    if (partition.leader == model::kNoBroker) continue;
    live.clear();
    int32_t last = model::kNoBroker;
    for (const int32_t id : view.topic.in_sync(partition)) {
      const auto impact = impacts.find(id);
      if (impact == impacts.end()) continue;
      last = id;
      live.push_back(&impact->second);
    }
    if (live.empty()) continue;
    const Outlook outlook = live.size() > 1 ? view.without_one(partition) : view.without_last(partition, last, impacts);
    for (RestartImpact* impact : live) {
      count(impact->stops, outlook.stops, outlook.stops_since);
      // A partition that would stop is counted as such only.
      if (outlook.stops != true) count(impact->under_min_isr, outlook.under_min_isr, outlook.under_since);
    }
  }
}

}  // namespace

Impacts restart_impacts(const Snapshot& snapshot) {
  Impacts impacts;
  if (!snapshot.metadata) return impacts;
  const Value none{0, snapshot.metadata_failing_since};
  for (const auto& broker : snapshot.metadata->brokers) impacts[broker.id] = {none, none};
  const auto& topics = snapshot.metadata->topics;
  std::vector<RestartImpact*> live;
  for (uint32_t t = 0; t < topics.size(); ++t) {
    const bool known = t < snapshot.settings.size() && snapshot.settings[t];
    const auto& unknown = snapshot.eligible_unknown;
    add_topic({topics[t], known ? &snapshot.settings[t] : nullptr, snapshot.eligible,
               !std::binary_search(unknown.begin(), unknown.end(), t)},
              impacts, live);
  }
  return impacts;
}

}  // namespace kafkascope::analysis
