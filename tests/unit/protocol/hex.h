#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace kafkascope::protocol {

inline std::string to_hex(std::string_view bytes) {
  std::string hex;
  for (const char byte : bytes) {
    hex += "0123456789abcdef"[static_cast<unsigned char>(byte) >> 4];
    hex += "0123456789abcdef"[static_cast<unsigned char>(byte) & 15];
  }
  return hex;
}

/// "00ff 7f" to bytes; spaces are for the reader.
inline std::string from_hex(std::string_view hex) {
  std::string digits;
  for (const char c : hex) {
    if (c == ' ') continue;
    const size_t digit = std::string_view("0123456789abcdef").find(c);
    if (digit == std::string_view::npos) throw std::invalid_argument("not a hexadecimal digit");
    digits += static_cast<char>(digit);
  }
  std::string bytes;
  for (size_t i = 0; i + 1 < digits.size(); i += 2) bytes += static_cast<char>(digits[i] << 4 | digits[i + 1]);
  return bytes;
}

}  // namespace kafkascope::protocol
