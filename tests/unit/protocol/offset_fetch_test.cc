#include "protocol/offset_fetch.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/answers.h"
#include "protocol/render.h"

using namespace kafkascope::protocol;

namespace {

TEST_CASE("OffsetFetch requests all offsets of one group, or of several since version 8") {
  const std::vector<std::string_view> one = {"a"};
  const std::vector<std::string_view> two = {"a", "bc"};
  CHECK(to_hex(encode_offset_fetch(6, one)) == digits("0261 00"));
  CHECK(to_hex(encode_offset_fetch(7, one)) == digits("0261 00 00"));
  CHECK(to_hex(encode_offset_fetch(8, two)) == digits("03 0261 00 00 036263 00 00 00"));
  CHECK(to_hex(encode_offset_fetch(9, two)) == digits("03 0261 00 ffffffff 00 00 036263 00 ffffffff 00 00 00"));
}

TEST_CASE("OffsetFetch v8 and v9: groups with and without commits") {
  const int16_t version = GENERATE(int16_t{8}, int16_t{9});
  CAPTURE(version);
  CHECK(render_offset_fetch(captured("kafka-4.3.1/offset_fetch-v" + std::to_string(version)), version) ==
        R"(group "classic-group"
  topic "orders"
    partition 2 offset 2 error 0
    partition 0 offset 4 error 0
  error 0
group "consumer-group"
  topic "orders"
    partition 0 offset 5 error 0
  error 0
group "simple-group"
  topic "orders"
    partition 3 offset 1 error 0
  error 0
group "empty-group"
  topic "orders"
    partition 0 offset 0 error 0
  error 0
group "share-group"
  error 0
group "no-such-group"
  error 0
)");
}

TEST_CASE("OffsetFetch v6 and v7 have no group id") {
  const auto [name, version] =
      GENERATE(std::pair{"kafka-2.4.1/offset_fetch-v6", 6}, std::pair{"kafka-2.8.2/offset_fetch-v7", 7});
  CAPTURE(name);
  CHECK(render_offset_fetch(captured(name), static_cast<int16_t>(version)) == R"(group ""
  topic "orders"
    partition 0 offset 4 error 0
    partition 2 offset 2 error 0
  error 0
)");
}

TEST_CASE("OffsetFetch from a broker that does not coordinate the group: error 16 (NOT_COORDINATOR)") {
  CHECK(render_offset_fetch(captured("kafka-4.3.1/offset_fetch-v7-wrong_coordinator"), 7) ==
        "group \"\"\n  error 16\n");
  CHECK(render_offset_fetch(captured("kafka-4.3.1/offset_fetch-v9-wrong_coordinator"), 9) == R"(group "classic-group"
  error 16
group "consumer-group"
  error 16
group "simple-group"
  error 16
group "empty-group"
  error 16
group "share-group"
  error 16
group "no-such-group"
  error 16
)");
}

}  // namespace
