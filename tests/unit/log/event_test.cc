#include "log/event.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

using namespace kafkascope;
using namespace std::chrono_literals;

namespace {

struct Case {
  const char* name;
  std::vector<LogField> fields;
  const char* logfmt;
  const char* json;
};

const Case kCases[]{
    {"no field", {}, R"(msg="collector failed")", R"("msg":"collector failed")"},
    {"text", {{"collector", "groups"}}, " collector=groups", R"(,"collector":"groups")"},
    {"a number", {{"max_series", 100U}}, " max_series=100", R"(,"max_series":100)"},
    {"a negative number", {{"code", -195}}, " code=-195", R"(,"code":-195)"},
    {"a number that is text", {{"cluster", "7"}}, " cluster=7", R"(,"cluster":"7")"},
    {"a duration", {{"for", 45s}}, " for=45s", R"(,"for":"45s")"},
    {"a long one", {{"for", 26h + 3s}}, " for=26h3s", R"(,"for":"26h3s")"},
    {"a short one", {{"for", 400ms}}, " for=0s", R"(,"for":"0s")"},
    {"a rounded one", {{"for", 59999ms}}, " for=1m", R"(,"for":"1m")"},
    {"an empty value", {{"cluster", ""}}, "", ""},
    {"a space", {{"error", "no broker"}}, R"( error="no broker")", R"(,"error":"no broker")"},
    {"an equals sign", {{"error", "a=b"}}, R"( error="a=b")", R"(,"error":"a=b")"},
    {"quotes", {{"error", R"("a")"}}, R"( error="\"a\"")", R"(,"error":"\"a\"")"},
    {"a backslash", {{"error", R"(a\b)"}}, R"( error="a\\b")", R"(,"error":"a\\b")"},
    {"a line break", {{"error", "a\nb"}}, R"( error="a\u000ab")", R"(,"error":"a\u000ab")"},
    {"no UTF-8", {{"group", "\xff"}}, " group=\"\ufffd\"", ",\"group\":\"\ufffd\""},
    {"UTF-8", {{"group", "gr\u00fc\u00dfe"}}, " group=gr\u00fc\u00dfe", ",\"group\":\"gr\u00fc\u00dfe\""},
    {"several", {{"a", "b"}, {"c", 1}}, " a=b c=1", R"(,"a":"b","c":1)"},
};

}  // namespace

TEST_CASE("An event is a message and its fields, in logfmt or JSON") {
  const auto after_message = [](std::string text, const std::string& message) {
    return text.starts_with(message) ? text.substr(message.size()) : text;
  };
  for (const Case& c : kCases) {
    INFO(c.name);
    const auto format = [&c](LogFormat format) {
      fmt::memory_buffer out;
      format_event(format, "collector failed", c.fields, out);
      return fmt::to_string(out);
    };
    const std::string logfmt = format(LogFormat::kLogfmt), json = format(LogFormat::kJson);
    const bool whole = c.fields.empty();
    CHECK((whole ? logfmt : after_message(logfmt, R"(msg="collector failed")")) == c.logfmt);
    CHECK((whole ? json : after_message(json, R"("msg":"collector failed")")) == c.json);
  }
}
