#pragma once

#include <vector>

#include "protocol/describe_groups.h"
#include "protocol/reader.h"

namespace kafkascope::protocol {

/// A member's assignment as the group protocols of KIP-848 and KIP-932 describe it.
std::vector<AssignedTopic> read_assigned_topics(Reader& reader);

}  // namespace kafkascope::protocol
