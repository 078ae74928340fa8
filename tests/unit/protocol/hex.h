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

/// Removes white space from hexadecimal digits.
inline std::string digits(std::string_view hex) {
  std::string digits;
  for (const char c : hex) {
    if (c != ' ' && c != '\n') digits += c;
  }
  return digits;
}

/// Converts "00ff 7f" to bytes.
inline std::string from_hex(std::string_view hex) {
  const auto value = [](char digit) {
    const size_t value = std::string_view("0123456789abcdef").find(digit);
    if (value == std::string_view::npos) throw std::invalid_argument("not a hexadecimal digit");
    return value;
  };
  const std::string hex_digits = digits(hex);
  std::string bytes;
  for (size_t i = 0; i + 1 < hex_digits.size(); i += 2) {
    bytes += static_cast<char>(value(hex_digits[i]) << 4 | value(hex_digits[i + 1]));
  }
  return bytes;
}

}  // namespace kafkascope::protocol
