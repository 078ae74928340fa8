#include "analysis/replica_lag.h"

#include <algorithm>

namespace kafkascope::analysis {

using model::Value;

std::map<int32_t, Value> next_replica_lags(const std::map<int32_t, Value>& before, const model::PollResult& result,
                                           const model::Snapshot& now, const Holding& holding) {
  std::map<int32_t, Value> lags;
  if (!now.metadata) return lags;
  for (const auto& broker : now.metadata->brokers) lags[broker.id] = result.metadata_read ? Value{0, {}} : Value{};

  if (result.metadata_read)
    for (const auto& topic : now.metadata->topics)
      for (uint32_t p = 0; p < topic.partitions.size(); ++p)
        for (const int32_t id : model::out_of_sync(topic, topic.partitions[p])) {
          const auto lag = lags.find(id);
          if (lag == lags.end() || !lag->second.known()) continue;
          const model::ReplicaEnd first{id, topic.first_partition + p, 0};
          const auto end = std::lower_bound(result.replica_ends.begin(), result.replica_ends.end(), first);
          const Value& latest = now.latest[first.partition];
          if (end == result.replica_ends.end() || end->broker != id || end->partition != first.partition ||
              !latest.fresh())
            lag->second = {};
          else  // Records that an unclean election cut off may still be in the replica.
            add({std::max<int64_t>(0, latest.value - end->offset), {}}, lag->second);
        }

  for (auto& [id, lag] : lags)
    if (const auto last = before.find(id); !lag.known() && last != before.end()) lag = holding.hold(last->second);
  return lags;
}

}  // namespace kafkascope::analysis
