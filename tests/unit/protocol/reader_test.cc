#include "protocol/reader.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cstdint>
#include <string>

#include "protocol/hex.h"

using namespace kafkascope::protocol;

namespace {

constexpr bool kPlain = false;
constexpr bool kFlexible = true;

TEST_CASE("numbers are big endian and signed") {
  const std::string bytes = from_hex("ff 0102 fffffffe 0102030405060708 00 01");
  Reader reader(bytes, kPlain);
  CHECK(reader.int8() == -1);
  CHECK(reader.int16() == 0x0102);
  CHECK(reader.int32() == -2);
  CHECK(reader.int64() == 0x0102030405060708);
  CHECK_FALSE(reader.boolean());
  CHECK(reader.boolean());
  reader.end();
}

TEST_CASE("a truncated number is an error") {
  const std::string bytes = from_hex("010203");
  CHECK_THROWS_AS(Reader({}, kPlain).int8(), DecodeError);
  CHECK_THROWS_AS(Reader(bytes.substr(0, 1), kPlain).int16(), DecodeError);
  CHECK_THROWS_AS(Reader(bytes, kPlain).int32(), DecodeError);
  CHECK_THROWS_AS(Reader(bytes, kPlain).int64(), DecodeError);
  CHECK_THROWS_AS(Reader(bytes, kPlain).uuid(), DecodeError);
}

struct Text {
  const char* bytes;
  bool flexible;
  const char* value;  // nullptr: DecodeError
};

TEST_CASE("a string has a 16-bit length, or a varint of length + 1") {
  const auto [hex, flexible, value] =
      GENERATE(Text{"0000", kPlain, ""},         //
               Text{"ffff", kPlain, ""},         // null
               Text{"0002 6869", kPlain, "hi"},  //
               Text{"0003 6869", kPlain, nullptr}, Text{"7fff 6869", kPlain, nullptr},
               Text{"fffe 6869", kPlain, nullptr},  // negative but not null
               Text{"00", kPlain, nullptr},         //
               Text{"01", kFlexible, ""},           //
               Text{"00", kFlexible, ""},           // null
               Text{"03 6869", kFlexible, "hi"},    //
               Text{"8300 6869", kFlexible, "hi"},  // overlong varint
               Text{"04 6869", kFlexible, nullptr}, Text{"ffffffff0f 6869", kFlexible, nullptr},  // 32 bits, all set
               Text{"838080808000 6869", kFlexible, nullptr},                                     // six bytes
               Text{"ffffffff1f 6869", kFlexible, nullptr},                                       // 33 bits
               Text{"8380808010 6869", kFlexible, nullptr},  // 33 bits, 3 in the lower 32
               Text{"80", kFlexible, nullptr},               // cut
               Text{"", kFlexible, nullptr});
  CAPTURE(hex, flexible);
  const std::string bytes = from_hex(hex);
  Reader reader(bytes, flexible);
  if (value == nullptr) {
    CHECK_THROWS_AS(reader.string(), DecodeError);
  } else {
    CHECK(reader.string() == value);
    CHECK(reader.remaining() == 0);
  }
}

TEST_CASE("bytes have a 32-bit length, or a varint of length + 1") {
  const auto [hex, flexible, value] = GENERATE(
      Text{"00000002 6869", kPlain, "hi"},                                                                           //
      Text{"ffffffff", kPlain, ""},                                                                                  //
      Text{"fffffffe", kPlain, nullptr},                                                                             //
      Text{"7fffffff 68", kPlain, nullptr}, Text{"80000000 68", kPlain, nullptr}, Text{"03 6869", kFlexible, "hi"},  //
      Text{"00", kFlexible, ""},                                                                                     //
      Text{"04 6869", kFlexible, nullptr});
  CAPTURE(hex, flexible);
  const std::string bytes = from_hex(hex);
  Reader reader(bytes, flexible);
  if (value == nullptr) {
    CHECK_THROWS_AS(reader.bytes(), DecodeError);
  } else {
    CHECK(reader.bytes() == value);
    CHECK(reader.remaining() == 0);
  }
}

struct Array {
  const char* bytes;
  bool flexible;
  size_t element_bytes;
  int64_t size;  // -1: DecodeError
};

TEST_CASE("an array cannot have more elements than there are bytes for") {
  const auto [hex, flexible, element_bytes, size] = GENERATE(Array{"00000000", kPlain, 1, 0},          //
                                                             Array{"ffffffff", kPlain, 1, 0},          // null
                                                             Array{"00000002 0000", kPlain, 1, 2},     //
                                                             Array{"00000003 0000", kPlain, 1, -1},    //
                                                             Array{"00000002 000000", kPlain, 2, -1},  //
                                                             Array{"00000001 0000", kPlain, 2, 1},     //
                                                             Array{"7fffffff 0000", kPlain, 1, -1},    //
                                                             Array{"80000000 0000", kPlain, 1, -1},    //
                                                             Array{"00", kFlexible, 1, 0},             // null
                                                             Array{"01", kFlexible, 1, 0},             //
                                                             Array{"03 0000", kFlexible, 1, 2},        //
                                                             Array{"04 0000", kFlexible, 1, -1},       //
                                                             Array{"ffffffff0f 0000", kFlexible, 1, -1});
  CAPTURE(hex, flexible, element_bytes);
  const std::string bytes = from_hex(hex);
  Reader reader(bytes, flexible);
  if (size < 0) {
    CHECK_THROWS_AS(reader.array(element_bytes), DecodeError);
  } else {
    CHECK(reader.array(element_bytes) == static_cast<size_t>(size));
  }
}

TEST_CASE("an array of integers is a view of the response") {
  const std::string bytes = from_hex("03 00000007 fffffffe");
  Reader reader(bytes, kFlexible);
  const Int32Array array = reader.int32_array();
  reader.end();
  REQUIRE(array.size() == 2);
  CHECK(array[0] == 7);
  CHECK(array[1] == -2);
  CHECK(Int32Array().size() == 0);
  const std::string cut = bytes.substr(0, bytes.size() - 1);
  CHECK_THROWS_AS(Reader(cut, kFlexible).int32_array(), DecodeError);
}

TEST_CASE("tagged fields are skipped in flexible versions") {
  const std::string none = from_hex("00 2a");
  Reader without(none, kFlexible);
  without.tags();
  CHECK(without.int8() == 42);

  const std::string two = from_hex("02 00 03 aabbcc 81 01 00 2a");
  Reader with(two, kFlexible);
  with.tags();
  CHECK(with.int8() == 42);

  Reader plain(none, kPlain);
  plain.tags();
  CHECK(plain.int8() == 0);

  const char* cut = GENERATE("", "01", "01 00", "01 00 01", "02 00 00", "ffffffff0f", "01 00 ffffffff0f");
  CAPTURE(cut);
  const std::string bytes = from_hex(cut);
  CHECK_THROWS_AS(Reader(bytes, kFlexible).tags(), DecodeError);
}

TEST_CASE("extra bytes are an error") {
  const std::string bytes = from_hex("01 02");
  Reader reader(bytes, kPlain);
  reader.int8();
  CHECK(reader.remaining() == 1);
  CHECK_THROWS_AS(reader.end(), DecodeError);
  reader.int8();
  CHECK_NOTHROW(reader.end());
}

}  // namespace
