#pragma once

#include <span>
#include <string>
#include <vector>

#include "config/filter.h"
#include "kafka/failures.h"
#include "kafka/request_batch.h"
#include "model/poll_result.h"
#include "model/snapshot.h"

namespace kafkascope::kafka {

struct CollectedGroups {
  std::vector<model::GroupResult> groups;       // sorted by id
  std::vector<std::string> failed;              // sorted: those of `known` that may still exist
  std::vector<model::ShareGroup> share_groups;  // listed, not described
  std::vector<int32_t> listed_by;               // brokers that listed their groups; sorted
  size_t omitted = 0;                           // groups that the filter leaves out
};

/// Collects the groups that `wanted` matches, with members and assignments. ListGroups goes to every broker: its
/// responses also show which brokers are up and which groups each of them coordinates. `member_lists`: include each
/// member. `known`: the groups of the poll before.
CollectedGroups collect_groups(RequestBatch& requests, const model::Metadata& metadata, const config::Filter& wanted,
                               bool member_lists, std::span<const model::GroupSnapshot> known, Failures& failures);

}  // namespace kafkascope::kafka
