#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace kafkascope::protocol {

/// Encodes a request body. librdkafka adds the tagged fields at the end of a flexible request.
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
  Writer& tags();  ///< Writes an empty list of tagged fields. No effect in inflexible versions.

  std::string take() { return std::move(bytes_); }

 private:
  Writer& varint(uint32_t value);

  std::string bytes_;
  bool flexible_;
};

}  // namespace kafkascope::protocol
