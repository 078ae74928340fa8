#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "config/filter.h"
#include "kafka/failures.h"
#include "kafka/request_batch.h"

namespace kafkascope::kafka {

struct TopicOperations {
  size_t topics = 0;      ///< That the filter selects and the user may describe.
  size_t unreadable = 0;  ///< Those that it may not read.
};

/// Asks a broker which operations the user may perform on topics. Nothing: the request failed.
std::optional<TopicOperations> collect_topic_operations(RequestBatch& requests, int32_t broker,
                                                        const config::Filter& wanted, Failures& failures);

}  // namespace kafkascope::kafka
