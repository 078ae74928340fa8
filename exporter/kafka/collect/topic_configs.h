#pragma once

#include <functional>
#include <span>
#include <vector>

#include "kafka/client.h"
#include "kafka/failures.h"
#include "kafka/request_batch.h"
#include "model/poll_result.h"

namespace kafkascope::kafka {

struct CollectedSettings {
  std::vector<model::ReadState> state;         // by topic index, as in model::BackgroundResult
  std::vector<model::TopicSettings> settings;  // by topic index
  model::ReadState offsets_retention_state = model::ReadState::kNotRequested;
  int64_t offsets_retention_ms = 0;  ///< The broker's offsets.retention.minutes.
  int64_t max_transaction_ms = 0;    ///< The broker's transaction.max.timeout.ms; 0: not known.
  size_t next = 0;  ///< Index in `topics` at which the next run should begin; their number: all were read.
};

/// Reads the configuration of the topics with these indices through librdkafka: with defaults, and limited to the keys
/// that are needed. With `with_broker` also the broker's own that is needed, in the same request; it is no failure
/// if the user may not describe the broker's configuration. `broker`: one that responded. Returns by `deadline`, or
/// when `stopped` returns true. `collected` is valid after an exception, too: topics that were not read have failed.
void collect_topic_configs(const Client& client, int32_t broker, const model::Metadata& metadata,
                           std::span<const uint32_t> topics, RequestBatch::Deadline deadline,
                           const std::function<bool()>& stopped, CollectedSettings& collected, Failures& failures,
                           bool with_broker = false);

}  // namespace kafkascope::kafka
