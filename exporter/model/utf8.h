#pragma once

#include <cstddef>
#include <string_view>

namespace kafkascope::model {

/// Returns the length in bytes of the UTF-8 character at the front of `text`, or 0 if it is invalid or `text` is empty.
/// Names of groups, topics and clients, and errors that quote them, may contain any bytes.
size_t utf8_length(std::string_view text);

}  // namespace kafkascope::model
