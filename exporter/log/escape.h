#pragma once

#include <string>
#include <string_view>

namespace kafkascope {

/// Escapes a message for use between the quotes of a JSON string or a logfmt value. The result is one line of valid
/// UTF-8, whatever bytes a broker or client sent: each invalid byte becomes U+FFFD.
std::string escape_log_text(std::string_view text);

}  // namespace kafkascope
