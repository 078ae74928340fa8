#pragma once

#include <vector>

#include "protocol/describe_groups.h"
#include "protocol/reader.h"

namespace kafkascope::protocol {

/// Decodes a member's assignment (KIP-848, KIP-932).
std::vector<AssignedTopic> read_assigned_topics(Reader& reader);

}  // namespace kafkascope::protocol
