#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace kafkascope::protocol {

/// A response that does not match the format of its version.
struct DecodeError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// View of an array of 32-bit integers in a response (big endian, unaligned).
class Int32Array {
 public:
  Int32Array() = default;
  Int32Array(const char* data, size_t size) : data_(data), size_(size) {}
  size_t size() const { return size_; }
  int32_t operator[](size_t i) const;  // REQUIRES: i < size()

 private:
  const char* data_ = nullptr;
  size_t size_ = 0;
};

/// Decodes a response body sequentially. Every function throws DecodeError instead of reading past the end. Strings
/// refer to the bytes, which the caller keeps. A null string reads as empty, a null array as size 0. `flexible`:
/// lengths are varints and structs end with tagged fields (KIP-482).
class Reader {
 public:
  Reader(std::string_view bytes, bool flexible) : bytes_(bytes), flexible_(flexible) {}

  int8_t int8();
  int16_t int16();
  int32_t int32();
  int64_t int64();
  bool boolean() { return int8() != 0; }
  std::string_view string();
  std::string_view bytes();
  std::string_view uuid();  // 16 bytes
  /// Returns the number of elements that follow. Throws if fewer than `element_bytes` bytes per element are left, so
  /// that memory reserved for them is bounded by the size of the response.
  size_t array(size_t element_bytes = 1);
  Int32Array int32_array();
  /// Skips tagged fields. No effect in inflexible versions.
  void tags();
  /// Reads tagged fields: calls `field` for each of them with a reader of its value. No effect in inflexible versions.
  void tags(const std::function<void(uint32_t tag, Reader value)>& field);
  /// Throws unless all bytes were read.
  void end() const;
  size_t remaining() const { return bytes_.size(); }

 private:
  uint32_t varint();
  std::string_view take(size_t n);

  std::string_view bytes_;
  bool flexible_;
};

}  // namespace kafkascope::protocol
