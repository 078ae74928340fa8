#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "analysis/time_search.h"
#include "kafka/collect/offsets_for_times.h"
#include "model/poll_result.h"
#include "model/time.h"

namespace kafkascope::cluster {

/// Searches that go on with the next poll.
using Searches = std::map<model::RecordPosition, analysis::TimeSearch>;

/// When records were appended. Each round asks the brokers' time index once for each partition that still has a record
/// to be found. None: it cannot be told. What `rounds` did not find is left out, and stands in `unfinished` for the
/// next time. `now` and `wall` are the same moment.
std::vector<std::pair<model::RecordPosition, std::optional<model::Time>>> look_up_timestamps(
    std::span<const model::TimestampQuery> wanted, int rounds, model::Time now, model::WallTime wall,
    Searches& unfinished,
    const std::function<std::vector<kafka::TimedOffset>(std::span<const kafka::WantedOffset>)>& ask);

}  // namespace kafkascope::cluster
