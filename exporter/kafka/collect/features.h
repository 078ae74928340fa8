#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "kafka/failures.h"
#include "kafka/request_batch.h"
#include "model/cluster.h"
#include "model/features.h"

namespace kafkascope::kafka {

/// Reads the features of each broker, one request per broker. Nothing: the request failed. Brokers before Kafka 2.4,
/// which cannot be asked, are missing.
void collect_features(RequestBatch& requests, const model::Metadata& metadata,
                      std::map<int32_t, std::optional<model::BrokerFeatures>>& collected, Failures& failures);

}  // namespace kafkascope::kafka
