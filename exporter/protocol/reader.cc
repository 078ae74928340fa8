#include "protocol/reader.h"

#include <type_traits>

namespace kafkascope::protocol {
namespace {

template <typename T>
T big_endian(const char* data) {
  std::make_unsigned_t<T> value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<std::make_unsigned_t<T>>(value << 8 | static_cast<unsigned char>(data[i]));
  }
  return static_cast<T>(value);
}

template <>
int8_t big_endian<int8_t>(const char* data) {
  return static_cast<int8_t>(*data);
}

/// In inflexible versions a length is signed, and -1 is null.
size_t plain_length(int32_t length) {
  if (length < -1) throw DecodeError("negative length");
  return length == -1 ? 0 : static_cast<size_t>(length);
}

/// In flexible versions length + 1 is sent, and 0 is null.
size_t compact_length(uint32_t sent) { return sent == 0 ? 0 : sent - 1; }

}  // namespace

int32_t Int32Array::operator[](size_t i) const { return big_endian<int32_t>(data_ + i * sizeof(int32_t)); }

int8_t Reader::int8() { return big_endian<int8_t>(take(1).data()); }
int16_t Reader::int16() { return big_endian<int16_t>(take(2).data()); }
int32_t Reader::int32() { return big_endian<int32_t>(take(4).data()); }
int64_t Reader::int64() { return big_endian<int64_t>(take(8).data()); }

std::string_view Reader::string() { return take(flexible_ ? compact_length(varint()) : plain_length(int16())); }

std::string_view Reader::bytes() { return take(flexible_ ? compact_length(varint()) : plain_length(int32())); }

std::string_view Reader::uuid() { return take(16); }

size_t Reader::array(size_t element_bytes) {
  const size_t elements = flexible_ ? compact_length(varint()) : plain_length(int32());
  if (elements > bytes_.size() / element_bytes) throw DecodeError("array longer than the answer");
  return elements;
}

Int32Array Reader::int32_array() {
  const size_t elements = array(sizeof(int32_t));
  return {take(elements * sizeof(int32_t)).data(), elements};
}

void Reader::tags() {
  if (!flexible_) return;
  for (uint32_t left = varint(); left > 0; --left) {
    varint();        // tag
    take(varint());  // value
  }
}

void Reader::tags(const std::function<void(uint32_t tag, Reader value)>& field) {
  if (!flexible_) return;
  for (uint32_t left = varint(); left > 0; --left) {
    const uint32_t tag = varint();
    field(tag, Reader(take(varint()), flexible_));
  }
}

void Reader::end() const {
  if (!bytes_.empty()) throw DecodeError("answer longer than its content");
}

uint32_t Reader::varint() {
  uint64_t value = 0;
  for (int shift = 0; shift < 35; shift += 7) {
    const auto byte = static_cast<unsigned char>(int8());
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) {
      if (value > UINT32_MAX) break;
      return static_cast<uint32_t>(value);
    }
  }
  throw DecodeError("number longer than 32 bits");
}

std::string_view Reader::take(size_t n) {
  if (n > bytes_.size()) throw DecodeError("answer ends early");
  const std::string_view taken = bytes_.substr(0, n);
  bytes_.remove_prefix(n);
  return taken;
}

}  // namespace kafkascope::protocol
