#include "log/escape.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <iterator>

#include "model/utf8.h"

namespace kafkascope {
namespace {

constexpr std::string_view kReplacement = "\ufffd";

}  // namespace

std::string escape_log_text(std::string_view text) {
  std::string result;
  while (!text.empty()) {
    const char c = text.front();
    const size_t size = model::utf8_length(text);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      fmt::format_to(std::back_inserter(result), "\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      result += size == 0 ? kReplacement : text.substr(0, size);
    }
    text.remove_prefix(std::max<size_t>(size, 1));
  }
  return result;
}

}  // namespace kafkascope
