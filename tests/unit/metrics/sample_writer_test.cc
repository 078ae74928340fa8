#include "metrics/sample_writer.h"

#include <catch2/catch_test_macros.hpp>
#include <limits>

namespace kafkascope::metrics {
namespace {

TEST_CASE("A label's value is escaped") {
  struct Case {
    std::string_view value, written;
  };
  for (const auto& [value, written] : {
           Case{"", R"()"},
           {"plain-name.1", R"(plain-name.1)"},
           {"a \"b\" \\ c\nd", R"(a \"b\" \\ c\nd)"},
           {"/127.0.0.1 {=,}", R"(/127.0.0.1 {=,})"},
           {"gr\u00fc\u00dfe \u20ac \U0001F600", "gr\u00fc\u00dfe \u20ac \U0001F600"},
           {std::string_view("a\0b", 3), R"(a\\x00b)"},
           {"\xff", R"(\\xff)"},
           {"cut \xe2\x82", R"(cut \\xe2\\x82)"},
           {"\xc0\xaf", R"(\\xc0\\xaf)"},                    // overlong
           {"\xed\xa0\x80", R"(\\xed\\xa0\\x80)"},           // surrogate
           {"\xf4\x90\x80\x80", R"(\\xf4\\x90\\x80\\x80)"},  // beyond U+10FFFF
       })
    CHECK(label("k", value) == "k=\"" + std::string(written) + "\"");
}

std::string written(const auto& write) {
  const FamilyDescription head{"name", "Help."};
  std::string text;
  SampleWriter::Held held{};
  SampleWriter samples(head, "", text, held);
  write(samples);
  return text;
}

TEST_CASE("Numbers are written exactly") {
  CHECK(written([](SampleWriter& s) { s.value(int64_t{0}); }) == "name 0\n");
  CHECK(written([](SampleWriter& s) { s.value(int64_t{9223372036854775807}); }) == "name 9223372036854775807\n");
  CHECK(written([](SampleWriter& s) { s.value(0.25); }) == "name 0.25\n");
  CHECK(written([](SampleWriter& s) { s.value(1e300); }) == "name 1e+300\n");
  CHECK(written([](SampleWriter& s) { s.value(0.1F, false, model::Collector::kOffsets); }) == "name 0.1\n");
  CHECK(written([](SampleWriter& s) { s.value(std::numeric_limits<double>::infinity()); }) == "name +Inf\n");
}

TEST_CASE("Labels and suffixes belong to one series") {
  CHECK(written([](SampleWriter& s) {
          s.with(label("a", "x")).with("b", 7).value(int64_t{1});
          s.suffix("_sum").with("b", -1).value(int64_t{2});
          s.with("").value(int64_t{3});
        }) == "name{a=\"x\",b=\"7\"} 1\nname_sum{b=\"-1\"} 2\nname 3\n");
}

}  // namespace
}  // namespace kafkascope::metrics
