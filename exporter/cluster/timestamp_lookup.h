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

/// Searches that go on with the next poll, by partition.
using Searches = std::map<uint32_t, analysis::PartitionSearch>;

struct TimestampLookup {
  /// When records were appended. None: the time index does not have it.
  std::vector<std::pair<model::RecordPosition, std::optional<model::Time>>> found;
  int rounds = 0;  ///< Rounds that it took, up to the limit.
};

/// Looks up when records were appended. Each round asks the brokers' time index once for each partition that still has
/// a record to be found. What `rounds` did not find is left out; `searches` has the answers so far for the next time.
/// `now` and `wall` are the same moment.
TimestampLookup look_up_timestamps(
    std::span<const model::TimestampQuery> wanted, int rounds, model::Time now, model::WallTime wall,
    Searches& searches,
    const std::function<std::vector<kafka::TimedOffset>(std::span<const kafka::WantedOffset>)>& ask);

}  // namespace kafkascope::cluster
