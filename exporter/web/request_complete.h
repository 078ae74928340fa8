#pragma once

#include <string_view>

namespace kafkascope::web {

/// Returns whether `bytes`, the beginning of a connection, are enough for CivetWeb to respond without waiting for more:
/// a complete request head, or one that it refuses.
bool is_complete_http(std::string_view bytes);

}  // namespace kafkascope::web
