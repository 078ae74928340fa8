#include "protocol/share_group_describe.h"

#include <catch2/catch_test_macros.hpp>
#include <string_view>
#include <vector>

#include "protocol/answers.h"
#include "protocol/render.h"

using namespace kafkascope::protocol;

namespace {

TEST_CASE("ShareGroupDescribe requests several groups") {
  const std::vector<std::string_view> groups = {"a", "bc"};
  CHECK(to_hex(encode_share_group_describe(1, groups)) == digits("03 0261 036263 00"));
}

TEST_CASE("ShareGroupDescribe: a group with a member, and an unknown group (error 69)") {
  CHECK(render_share_group_describe(captured("kafka-4.3.1/share_group_describe-v1"), 1) ==
        R"(group "share-group" error 0 state "Stable" assignor "simple"
  member "6nE5BOfTRjGT2J23r_hG8g" client "console-share-consumer" host "/127.0.0.1" assignment "jobs"[0,1]
group "no-such-group" error 69 state "" assignor ""
)");
}

TEST_CASE("ShareGroupDescribe from a broker that does not coordinate the group: error 16 (NOT_COORDINATOR)") {
  CHECK(render_share_group_describe(captured("kafka-4.3.1/share_group_describe-v1-wrong_coordinator"), 1) ==
        "group \"share-group\" error 16 state \"\" assignor \"\"\n");
}

}  // namespace
