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

TEST_CASE("Escaping is the same for JSON and logfmt") {
  CHECK(escape_log_text("plain") == "plain");
  CHECK(escape_log_text("") == "");
  CHECK(escape_log_text(R"(a "b" \c)") == R"(a \"b\" \\c)");
  CHECK(escape_log_text("two\nlines\t\x1b[31m") == R"(two\u000alines\u0009\u001b[31m)");
  CHECK(escape_log_text(std::string("a\0b", 3)) == R"(a\u0000b)");
  CHECK(escape_log_text("gr\u00fc\u00dfe \u20ac \U0001f600") == "gr\u00fc\u00dfe \u20ac \U0001f600");
}

TEST_CASE("Invalid UTF-8 becomes U+FFFD") {
  CHECK(escape_log_text("group \xff") == "group \ufffd");
  CHECK(escape_log_text("\xc3(") == "\ufffd(");                    // missing continuation byte
  CHECK(escape_log_text("a\xe2\x82") == "a\ufffd\ufffd");          // truncated
  CHECK(escape_log_text("\xc0\xaf") == "\ufffd\ufffd");            // overlong '/'
  CHECK(escape_log_text("\xed\xa0\x80") == "\ufffd\ufffd\ufffd");  // surrogate
  CHECK(escape_log_text("\xff\"\xff\n") == "\ufffd\\\"\ufffd\\u000a");
}
