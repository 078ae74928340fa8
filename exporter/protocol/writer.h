#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace kafkascope::protocol {

/// Writes a request's body. The tagged fields at the very end of a flexible request are left to librdkafka, which adds
/// them.
class Writer {
 public:
  explicit Writer(bool flexible) : flexible_(flexible) {}

  Writer& int8(int8_t value);
  Writer& int16(int16_t value);
  Writer& int32(int32_t value);
  Writer& int64(int64_t value);
  Writer& boolean(bool value) { return int8(value ? 1 : 0); }
  Writer& string(std::string_view value);
  Writer& null_string();
  Writer& array(size_t elements);
  Writer& null_array();
  Writer& tags();  ///< No tagged fields; nothing at all in a version that is not flexible.

  std::string take() { return std::move(bytes_); }

 private:
  Writer& varint(uint32_t value);

  std::string bytes_;
  bool flexible_;
};

}  // namespace kafkascope::protocol
