#pragma once

#include <map>
#include <span>
#include <vector>

#include "kafka/failures.h"
#include "kafka/request_batch.h"
#include "model/cluster.h"
#include "model/snapshot.h"

namespace kafkascope::kafka {

struct EligibleLeaders {
  std::map<uint32_t, std::vector<int32_t>> eligible;  // as in model::PollResult
  std::vector<uint32_t> unknown;
};

/// Collects the eligible leader replicas of topics that may have any, with few requests. `candidates`: brokers that
/// responded in this poll. `collected` is valid after an exception, too: topics that were not read are unknown.
void collect_eligible_leaders(RequestBatch& requests, std::span<const int32_t> candidates,
                              const model::Metadata& metadata, const model::Snapshot& last, EligibleLeaders& collected,
                              Failures& failures);

}  // namespace kafkascope::kafka
