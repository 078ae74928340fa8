#include "protocol/describe_share_group_offsets.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/answers.h"
#include "protocol/render.h"

using namespace kafkascope::protocol;

namespace {

TEST_CASE("DescribeShareGroupOffsets requests all topics of several groups") {
  const std::vector<std::string_view> groups = {"a", "bc"};
  for (const int16_t version : {0, 1}) {
    CHECK(to_hex(encode_describe_share_group_offsets(version, groups)) == digits("03 0261 00 00 036263 00 00"));
  }
}

TEST_CASE("DescribeShareGroupOffsets v0 has no lag") {
  CHECK(render_describe_share_group_offsets(captured("kafka-4.3.1/describe_share_group_offsets-v0"), 0) ==
        R"(group "share-group"
  topic "jobs"
    partition 0 error 0 start offset 0 lag -1
    partition 1 error 0 start offset -1 lag -1
  error 0
group "no-such-group"
  error 0
)");
}

TEST_CASE("DescribeShareGroupOffsets v1: five records acknowledged, three not; a partition never read") {
  CHECK(render_describe_share_group_offsets(captured("kafka-4.3.1/describe_share_group_offsets-v1"), 1) ==
        R"(group "share-group"
  topic "jobs"
    partition 0 error 0 start offset 0 lag 3
    partition 1 error 0 start offset -1 lag -1
  error 0
group "no-such-group"
  error 0
)");
}

TEST_CASE("DescribeShareGroupOffsets from a broker that does not coordinate the groups: error 16 (NOT_COORDINATOR)") {
  const int16_t version = GENERATE(int16_t{0}, int16_t{1});
  CAPTURE(version);
  const std::string name = "kafka-4.3.1/describe_share_group_offsets-v" + std::to_string(version);
  CHECK(render_describe_share_group_offsets(captured(name + "-wrong_coordinator"), version) == R"(group "share-group"
  error 16
group "no-such-group"
  error 16
)");
}

}  // namespace
