#include "protocol/writer.h"

#include <limits>
#include <stdexcept>
#include <type_traits>

namespace kafkascope::protocol {
namespace {

template <typename T>
void append_big_endian(std::string& bytes, T value) {
  const auto bits = static_cast<std::make_unsigned_t<T>>(value);
  for (int shift = 8 * (sizeof(T) - 1); shift >= 0; shift -= 8) bytes.push_back(static_cast<char>(bits >> shift));
}

}  // namespace

Writer& Writer::int8(int8_t value) {
  append_big_endian(bytes_, value);
  return *this;
}

Writer& Writer::int16(int16_t value) {
  append_big_endian(bytes_, value);
  return *this;
}

Writer& Writer::int32(int32_t value) {
  append_big_endian(bytes_, value);
  return *this;
}

Writer& Writer::int64(int64_t value) {
  append_big_endian(bytes_, value);
  return *this;
}

Writer& Writer::string(std::string_view value) {
  if (value.size() > std::numeric_limits<int16_t>::max()) throw std::length_error("string too long for Kafka");
  if (flexible_) {
    varint(static_cast<uint32_t>(value.size()) + 1);
  } else {
    int16(static_cast<int16_t>(value.size()));
  }
  bytes_.append(value);
  return *this;
}

Writer& Writer::null_string() { return flexible_ ? varint(0) : int16(-1); }

Writer& Writer::array(size_t elements) {
  if (elements > std::numeric_limits<int32_t>::max()) throw std::length_error("array too long for Kafka");
  return flexible_ ? varint(static_cast<uint32_t>(elements) + 1) : int32(static_cast<int32_t>(elements));
}

Writer& Writer::null_array() { return flexible_ ? varint(0) : int32(-1); }

Writer& Writer::tags() { return flexible_ ? varint(0) : *this; }

Writer& Writer::varint(uint32_t value) {
  for (; value >= 0x80; value >>= 7) bytes_.push_back(static_cast<char>(value | 0x80));
  bytes_.push_back(static_cast<char>(value));
  return *this;
}

}  // namespace kafkascope::protocol
