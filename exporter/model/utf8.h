#pragma once

#include <cstddef>
#include <string_view>

namespace kafkascope::model {

/// Returns the length in bytes of the UTF-8 character at the front of `text`, or 0 if it is invalid or `text` is empty.
/// Names of groups, topics and clients, and errors that quote them, may contain any bytes.
size_t utf8_length(std::string_view text);

struct Character {
  std::string_view bytes;  ///< A single byte if it is invalid.
  bool valid;
};

/// Removes the character at the front of `text`, which must not be empty.
Character take_character(std::string_view& text);

}  // namespace kafkascope::model
