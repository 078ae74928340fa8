#pragma once

#include <optional>
#include <span>

#include "kafka/failures.h"
#include "kafka/request_batch.h"
#include "model/poll_result.h"

namespace kafkascope::kafka {

struct CollectedQuorum {
  model::ReadState state = model::ReadState::kNotRequested;  // kNotRequested: the cluster has no quorum
  model::Quorum quorum;
  std::optional<int32_t> controller;
};

/// Collects the quorum of controllers from the first of `candidates` that responds; with ZooKeeper only the controller.
CollectedQuorum collect_quorum(RequestBatch& requests, std::span<const int32_t> candidates,
                               const model::Metadata& metadata, Failures& failures);

}  // namespace kafkascope::kafka
