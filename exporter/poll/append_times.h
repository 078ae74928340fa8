#pragma once

#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "kafka/collect.h"
#include "model/facts.h"
#include "model/time.h"

namespace kafkascope::poll {

/// When records were appended. Each round asks the brokers' time index once for each partition that still has a record
/// to be found. None: it cannot be told. What was not found in `rounds` is as near as it came, or, where it was not
/// looked for long enough, left out. `now` and `wall` are the same moment.
std::vector<std::pair<model::OldRecord, std::optional<model::Time>>> find_append_times(
    std::span<const model::WantedAge> wanted, int rounds, model::Time now, model::WallTime wall,
    const std::function<std::vector<kafka::TimedOffset>(std::span<const kafka::WantedOffset>)>& ask);

}  // namespace kafkascope::poll
