#include "log/escape.h"

#include <iterator>

#include "model/utf8.h"

namespace kafkascope {
namespace {

constexpr std::string_view kReplacement = "\ufffd";

}  // namespace

bool escape_log_text(std::string_view text, fmt::memory_buffer& out) {
  const auto append = [&](std::string_view part) { out.append(part.data(), part.data() + part.size()); };
  bool changed = false;
  while (!text.empty()) {
    const auto [character, valid] = model::take_character(text);
    const char c = character.front();
    const bool control = static_cast<unsigned char>(c) < 0x20;
    if (c != '"' && c != '\\' && !control && valid) {
      append(character);
      continue;
    }
    changed = true;
    if (control) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
    } else if (!valid) {
      append(kReplacement);
    } else {
      append("\\");
      append(character);
    }
  }
  return changed;
}

}  // namespace kafkascope
