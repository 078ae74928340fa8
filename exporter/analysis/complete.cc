#include <algorithm>
#include <vector>

#include "analysis/advance.h"
#include "analysis/end_offsets.h"
#include "analysis/hold.h"
#include "analysis/waiting.h"

namespace kafkascope::analysis {

model::Snapshot complete(model::Snapshot&& before, model::SlowFacts&& facts, const model::Options& options) {
  model::Snapshot now = std::move(before);
  for (const auto& [api, count] : facts.requests) now.requests[std::string(api)] += count;
  now.own_requests = std::move(facts.own_requests);

  const auto failed = [&](model::Collector collector) {
    return std::any_of(facts.runs.begin(), facts.runs.end(),
                       [&](const auto& run) { return run.collector == collector && !run.success(); });
  };

  const Holding settings_holding{facts.at, 2 * options.topic_configs_interval};
  if (facts.settings_asked.empty() && failed(model::Collector::kTopicConfigs))
    for (auto& settings : now.settings) settings_holding.hold(settings);
  for (size_t topic = 0; topic < facts.settings_asked.size(); ++topic) {
    if (facts.settings_asked[topic] == model::Asked::kNo) continue;
    now.settings_asked[topic] = true;
    settings_holding.keep(now.settings[topic], facts.settings_asked[topic], std::move(facts.settings[topic]));
  }

  const Holding dirs_holding{facts.at, 2 * options.log_dirs_interval};
  if (!facts.log_dirs.empty() ||
      failed(model::Collector::kLogDirs))  // also a broker that is no longer there to be asked
    for (auto& [broker, dirs] : now.log_dirs)
      if (!facts.log_dirs.contains(broker)) dirs_holding.hold(dirs);
  for (auto& [broker, dirs] : facts.log_dirs) {
    if (dirs)
      now.log_dirs[broker] = {std::move(dirs), {}};
    else if (const auto last = now.log_dirs.find(broker); last != now.log_dirs.end())
      dirs_holding.hold(last->second);
  }
  std::erase_if(now.log_dirs, [](const auto& entry) { return !entry.second; });

  std::vector<model::OldRecord> told;
  for (const auto& [record, appended] : facts.appended) {  // untold: it has been waiting since we first saw it
    learn(now.end_offsets[record.partition], appended.value_or(facts.at), record.offset);
    told.push_back(record);
  }
  std::sort(told.begin(), told.end());
  for (const auto& [record, marker] : facts.markers)
    now.markers[record.partition] = {record.offset, marker.value_or(false)};
  if (now.numbering)
    for (auto& group : now.groups) measure_again(group.partitions, told, now, options);
  return now;
}

}  // namespace kafkascope::analysis
