#include "log/escape.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

namespace {

std::string escape_log_text(std::string_view text) {
  fmt::memory_buffer out;
  const bool changed = kafkascope::escape_log_text(text, out);
  CHECK(changed == (fmt::to_string(out) != text));
  return fmt::to_string(out);
}

}  // namespace

TEST_CASE("A log message is escaped for JSON and logfmt alike") {
  CHECK(escape_log_text("plain") == "plain");
  CHECK(escape_log_text("") == "");
  CHECK(escape_log_text(R"(a "b" \c)") == R"(a \"b\" \\c)");
  CHECK(escape_log_text("two\nlines\t\x1b[31m") == R"(two\u000alines\u0009\u001b[31m)");
  CHECK(escape_log_text(std::string("a\0b", 3)) == R"(a\u0000b)");
  CHECK(escape_log_text("gr\u00fc\u00dfe \u20ac \U0001f600") == "gr\u00fc\u00dfe \u20ac \U0001f600");
}

TEST_CASE("What is no UTF-8 becomes U+FFFD") {
  CHECK(escape_log_text("group \xff") == "group \ufffd");
  CHECK(escape_log_text("\xc3(") == "\ufffd(");                    // a character that is not continued
  CHECK(escape_log_text("a\xe2\x82") == "a\ufffd\ufffd");          // a character that is cut off
  CHECK(escape_log_text("\xc0\xaf") == "\ufffd\ufffd");            // '/' in more bytes than needed
  CHECK(escape_log_text("\xed\xa0\x80") == "\ufffd\ufffd\ufffd");  // half of a surrogate pair
  CHECK(escape_log_text("\xff\"\xff\n") == "\ufffd\\\"\ufffd\\u000a");
}
