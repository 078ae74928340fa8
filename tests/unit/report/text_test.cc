#include "report/text.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

namespace kafkascope::report {
namespace {

using namespace std::string_literals;

std::string json(std::string_view text) {
  std::string out;
  append_json(text, out);
  return out;
}

std::string csv(std::string_view text) {
  std::string out;
  append_csv(text, out);
  return out;
}

TEST_CASE("Printable text is one line without invisible characters") {
  CHECK(printable("orders-1") == "orders-1");
  CHECK(printable("ä 注文 🦀") == "ä 注文 🦀");
  CHECK(printable("a\tb\nc\rd") == "a\\tb\\nc\\rd");
  CHECK(printable("\033[2J\x7f\0"s) == "\\x1b[2J\\x7f\\x00");
  CHECK(printable("\u009b2J") == "\\u009b2J");  // CSI as one character
  CHECK(printable("a\\nb") == "a\\\\nb");
  CHECK(printable("a\xff\xc3") == "a\\xff\\xc3");
  CHECK(printable("admin\u202enimda") == "admin\\u202enimda");
  CHECK(printable("a\u2066b\u2069\u200b\ufeff\u2028") == "a\\u2066b\\u2069\\u200b\\ufeff\\u2028");
}

TEST_CASE("Text from right to left is isolated") {
  CHECK(printable("שלום") == "\u2068שלום\u2069");
  CHECK(printable("orders-سلام-1") == "\u2068orders-سلام-1\u2069");
  CHECK(columns_of(printable("שלום")) == 4);
  CHECK(shortened(printable("שלום"), 3) == "\u2068של\u2026\u2069");
}

TEST_CASE("Columns on a terminal") {
  CHECK(columns_of("abc") == 3);
  CHECK(columns_of("äöü") == 3);
  CHECK(columns_of("注文") == 4);
  CHECK(columns_of("🦀") == 2);
  CHECK(columns_of("e\u0301") == 1);
}

TEST_CASE("Shortened text has an ellipsis and is never longer than asked") {
  CHECK(shortened("orders", 6) == "orders");
  CHECK(shortened("orders", 5) == "orde…");
  CHECK(shortened("注文注文", 6) == "注文…");
  CHECK(shortened("注文注文", 7) == "注文注…");
  CHECK(shortened("orders", 1) == "…");
  CHECK(shortened("orders", 0).empty());
}

TEST_CASE("JSON strings are valid UTF-8 without control characters") {
  CHECK(json("a") == R"("a")");
  CHECK(json("a\"\\\n\t\x7f\u0085") == R"("a\"\\\u000a\u0009\u007f\u0085")");
  CHECK(json("a\xff") == "\"a\ufffd\"");
  CHECK(json("שלום") == "\"שלום\"");
}

TEST_CASE("CSV fields are quoted if they need it, and one line") {
  CHECK(csv("a b") == "a b");
  CHECK(csv("a,b") == R"("a,b")");
  CHECK(csv("a\"b") == R"("a""b")");
  CHECK(csv("a\r\nb") == R"("a\r\nb")");
  CHECK(csv("שלום") == "\"שלום\"");
}

TEST_CASE("Times and seconds") {
  CHECK(utc(0) == "1970-01-01T00:00:00.000Z");
  CHECK(utc(1764331805.25) == "2025-11-28T12:10:05.250Z");
  CHECK(rounded(1.23456) == 1.235);
}

}  // namespace
}  // namespace kafkascope::report
