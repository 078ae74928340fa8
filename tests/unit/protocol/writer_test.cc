#include "protocol/writer.h"

#include <catch2/catch_test_macros.hpp>
#include <stdexcept>
#include <string>

#include "protocol/hex.h"

using namespace kafkascope::protocol;

namespace {

constexpr bool kPlain = false;
constexpr bool kFlexible = true;

std::string hex(Writer& writer) { return to_hex(writer.take()); }

TEST_CASE("a writer writes big endian") {
  CHECK(hex(Writer(kPlain).int8(-1).int16(0x0102).int32(-2).int64(0x0102030405060708).boolean(true)) ==
        digits("ff 0102 fffffffe 0102030405060708 01"));
}

TEST_CASE("lengths are integers, or varints of length + 1") {
  CHECK(hex(Writer(kPlain).string("hi").string("").null_string()) == digits("00026869 0000 ffff"));
  CHECK(hex(Writer(kFlexible).string("hi").string("").null_string()) == digits("036869 01 00"));
  CHECK(hex(Writer(kPlain).array(2).array(0).null_array()) == digits("00000002 00000000 ffffffff"));
  CHECK(hex(Writer(kFlexible).array(2).array(0).null_array()) == digits("03 01 00"));
  CHECK(hex(Writer(kFlexible).array(126).array(127).array(16383)) == digits("7f 8001 808001"));
}

TEST_CASE("only flexible versions have tagged fields") {
  CHECK(hex(Writer(kPlain).tags()).empty());
  CHECK(hex(Writer(kFlexible).tags()) == "00");
}

TEST_CASE("values that the protocol cannot represent are refused") {
  CHECK_NOTHROW(Writer(kPlain).string(std::string(32767, 'x')));
  CHECK_THROWS_AS(Writer(kPlain).string(std::string(32768, 'x')), std::length_error);
  CHECK_THROWS_AS(Writer(kFlexible).string(std::string(32768, 'x')), std::length_error);
  CHECK_THROWS_AS(Writer(kFlexible).array(size_t{1} << 31), std::length_error);
}

}  // namespace
