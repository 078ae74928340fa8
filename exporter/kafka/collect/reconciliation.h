#pragma once

#include <cstdint>

#include "protocol/consumer_group_describe.h"

// How far the members of a KIP-848 group are from what its coordinator wants.
namespace kafkascope::kafka {

/// Returns the number of members whose epoch is below the group's: they have not taken part in its last change yet.
int32_t members_behind(const protocol::ConsumerGroupDescription& group);

/// Returns the number of partitions that some member is assigned but is not to keep, or is to get but is not assigned.
int32_t unreconciled_partitions(const protocol::ConsumerGroupDescription& group);

}  // namespace kafkascope::kafka
