#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kafkascope::config {

/// The one of `candidates` that somebody who wrote `word` most likely meant; empty when none is near.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace kafkascope::config
