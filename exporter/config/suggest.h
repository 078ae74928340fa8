#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kafkascope::config {

/// Returns the candidate most similar to `word`, or an empty string if none is similar enough to be a misspelling.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace kafkascope::config
