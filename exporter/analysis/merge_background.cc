#include "analysis/merge_background.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "analysis/cluster_changes.h"
#include "analysis/hold.h"
#include "analysis/offset_history.h"
#include "analysis/record_times.h"
#include "analysis/time_lag.h"
#include "analysis/transactions.h"

namespace kafkascope::analysis {

namespace {

/// Merges what each broker was asked for. `read`: nothing: the request failed. Values of brokers that are not in it are
/// held, if there was a request.
template <class T>
void merge_by_broker(std::map<int32_t, std::optional<T>>& read, bool failed, const Holding& holding,
                     std::map<int32_t, model::Cached<T>>& values) {
  if (!read.empty() || failed)  // also for brokers that are gone
    for (auto& [broker, value] : values)
      if (!read.contains(broker)) holding.hold(value);
  for (auto& [broker, value] : read) {
    if (value)
      values[broker] = {std::move(value), {}};
    else if (const auto last = values.find(broker); last != values.end())
      holding.hold(last->second);
  }
  std::erase_if(values, [](const auto& entry) { return !entry.second; });
}

}  // namespace

model::Snapshot merge_background(model::Snapshot&& before, model::BackgroundResult&& result,
                                 const model::Options& options) {
  model::Snapshot now = std::move(before);
  for (const auto& [api, count] : result.requests) now.requests[std::string(api)] += count;
  now.own_requests = std::move(result.own_requests);

  const auto failed = [&](model::Collector collector) {
    return std::any_of(result.runs.begin(), result.runs.end(),
                       [&](const auto& run) { return run.collector == collector && !run.success(); });
  };

  now.cluster_changes.events.clear();
  now.cluster_changes.more_events = 0;

  const Holdings holdings(result.at, options);
  holdings.topic_configs.update(now.offsets_retention_ms, result.offsets_retention_state, result.offsets_retention_ms);
  if (result.settings_state.empty() && failed(model::Collector::kTopicConfigs))
    for (auto& settings : now.settings) holdings.topic_configs.hold(settings);
  for (size_t topic = 0; topic < result.settings_state.size(); ++topic) {
    if (result.settings_state[topic] == model::ReadState::kNotRequested) continue;
    now.settings_state[topic] = true;
    if (result.settings_state[topic] == model::ReadState::kOk && now.settings[topic])
      count_config_changes(now.numbering->topics[topic].name, *now.settings[topic].value, result.settings[topic],
                           now.cluster_changes);
    holdings.topic_configs.update(now.settings[topic], result.settings_state[topic], std::move(result.settings[topic]));
  }

  merge_by_broker(result.log_dirs, failed(model::Collector::kLogDirs), holdings.log_dirs, now.log_dirs);
  merge_by_broker(result.features, failed(model::Collector::kFeatures), holdings.features, now.features);
  merge_record_times(result, holdings.record_times, now);
  now.transaction_events.clear();
  if (result.max_transaction_ms > 0) now.max_transaction_ms = result.max_transaction_ms;
  if (result.transactions) merge_transactions(std::move(*result.transactions), result, holdings.transactions, now);

  std::vector<model::RecordPosition> looked_up;
  for (const auto& [record, appended] : result.appended) {  // unknown: use the time of the first observation
    add_lookup(now.offset_history[record.partition], appended.value_or(result.at), record.offset);
    looked_up.push_back(record);
  }
  std::sort(looked_up.begin(), looked_up.end());
  for (const auto& [record, marker] : result.markers) now.markers[record.partition] = {record.offset, marker};
  if (now.numbering)
    for (auto& group : now.groups) update_time_lag(group.partitions, looked_up, now, options);
  return now;
}

}  // namespace kafkascope::analysis
