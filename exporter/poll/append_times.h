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
/// to be found, and there are few rounds: what is not found then is as near as it came. None: it cannot be told.
/// What was never answered is left out. `now` and `wall` are the same moment.
std::vector<std::pair<model::OldRecord, std::optional<model::Time>>> find_append_times(
    std::span<const model::WantedAge> wanted, model::Time now, model::WallTime wall,
    const std::function<std::vector<kafka::TimedOffset>(std::span<const kafka::WantedOffset>)>& ask);

}  // namespace kafkascope::poll
