#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace kafkascope::protocol {

/// A broker's answer that is shorter, longer or otherwise not what its version promises.
struct DecodeError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A view of an array of 32-bit integers as it lies in an answer (big endian, unaligned).
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

/// Reads an answer's body from front to back. Every call throws DecodeError rather than read past the end.
/// Strings are views into the bytes that the caller keeps. A null string reads as empty, a null array as size 0.
/// `flexible`: lengths are varints and structs end with tagged fields (the versions since KIP-482).
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
  /// Number of elements that follow; never more than there are bytes left, `element_bytes` each at the least: so that
  /// what is reserved for them is bounded by the answer's size.
  size_t array(size_t element_bytes = 1);
  Int32Array int32_array();
  /// Skips the tagged fields; nothing in a version that is not flexible.
  void tags();
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
