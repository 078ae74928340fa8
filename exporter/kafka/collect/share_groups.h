#pragma once

#include <span>
#include <string>
#include <vector>

#include "kafka/failures.h"
#include "kafka/request_batch.h"
#include "model/poll_result.h"
#include "model/snapshot.h"

namespace kafkascope::kafka {

struct CollectedShareGroups {
  std::vector<model::ShareGroupResult> groups;  // sorted by id
  std::vector<std::string> failed;              // as in CollectedGroups
};

/// Collects share groups from their coordinators. `listed`, `listed_by`: from collect_groups().
CollectedShareGroups collect_share_groups(RequestBatch& requests, const model::Metadata& metadata,
                                          std::span<const model::ShareGroup> listed, std::span<const int32_t> listed_by,
                                          std::span<const model::ShareGroupSnapshot> known, Failures& failures);

}  // namespace kafkascope::kafka
