#include "web/accept_encoding.h"

#include <algorithm>
#include <cctype>
#include <optional>

namespace kafkascope::web {
namespace {

std::string_view trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

// Removes and returns the part of `rest` before `separator`.
std::string_view next_part(std::string_view& rest, char separator) {
  const size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return trimmed(part);
}

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

// Parses a quality value: "0" to "1" with up to three digits. Invalid ones count as 0.
bool is_above_zero(std::string_view quality) {
  return quality.size() <= 5 && quality.find_first_not_of("0123456789.") == quality.npos &&
         quality.find_first_of("123456789") != quality.npos;
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
  std::optional<bool> by_name, by_star;
  while (!accept_encoding.empty()) {
    std::string_view parameters = next_part(accept_encoding, ',');
    const std::string_view coding = next_part(parameters, ';');
    bool accepted = true;
    while (!parameters.empty()) {
      std::string_view value = next_part(parameters, ';');
      const std::string_view name = next_part(value, '=');
      if (equal_ignoring_case(name, "q")) accepted = is_above_zero(trimmed(value));
    }
    if (equal_ignoring_case(coding, "gzip") || equal_ignoring_case(coding, "x-gzip")) by_name = accepted;
    if (coding == "*") by_star = accepted;
  }
  return by_name.value_or(by_star.value_or(false));
}

}  // namespace kafkascope::web
