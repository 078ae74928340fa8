#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "analysis/partition_search.h"
#include "kafka/collect/offsets_for_times.h"
#include "model/poll_result.h"
#include "model/time.h"

namespace kafkascope::cluster {

/// Searches that continue in the next poll, by partition.
using Searches = std::map<uint32_t, analysis::PartitionSearch>;

struct TimestampLookup {
  /// Append times of records. Nothing: not in the time index.
  std::vector<std::pair<model::RecordPosition, std::optional<model::Time>>> found;
  int rounds = 0;  ///< Number of rounds of requests.
};

/// Looks up when records were appended. Each round makes one request to the brokers' time index for each partition with
/// an unfinished search. Records not found within `rounds` are left out; `searches` keeps the results for the next
/// call. `now` and `wall` are the same moment.
TimestampLookup look_up_timestamps(
    std::span<const model::TimestampQuery> wanted, int rounds, model::Time now, model::WallTime wall,
    Searches& searches,
    const std::function<std::vector<kafka::TimedOffset>(std::span<const kafka::WantedOffset>)>& ask);

}  // namespace kafkascope::cluster
