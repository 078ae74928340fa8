#pragma once

#include <cstdint>
#include <map>

#include "analysis/hold.h"
#include "model/poll_result.h"
#include "model/snapshot.h"

namespace kafkascope::analysis {

/// Returns, by live broker, how many records its replicas that are not in sync are behind their leaders: 0 if all are
/// in sync, unknown while one of them is. `before`: of the last poll. `now`: with this poll's metadata and end offsets.
std::map<int32_t, model::Value> next_replica_lags(const std::map<int32_t, model::Value>& before,
                                                  const model::PollResult& result, const model::Snapshot& now,
                                                  const Holding& holding);

}  // namespace kafkascope::analysis
