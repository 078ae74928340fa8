#pragma once

#include <spdlog/fmt/fmt.h>

#include <string_view>

namespace kafkascope {

/// Appends `text` for use between the quotes of a JSON string or a logfmt value. The result is one line of valid UTF-8,
/// whatever bytes a broker or client sent: each invalid byte becomes U+FFFD. Returns whether it differs from `text`.
bool escape_log_text(std::string_view text, fmt::memory_buffer& out);

}  // namespace kafkascope
