#include "protocol/describe_groups.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/answers.h"
#include "protocol/render.h"

using namespace kafkascope::protocol;

namespace {

constexpr std::string_view kOrdersAssignment =
    "0000 00000001 0006 6f7264657273 00000004 00000000 00000001 00000002 00000003 00000000";

TEST_CASE("DescribeGroups requests several groups") {
  const std::vector<std::string_view> groups = {"a", "bc"};
  CHECK(to_hex(encode_describe_groups(5, groups)) == digits("03 0261 036263 00"));
  CHECK(to_hex(encode_describe_groups(6, groups)) == digits("03 0261 036263 00"));
}

TEST_CASE("DescribeGroups v6: a static member, an empty group, a Connect worker, and an unknown group (error 69)") {
  CHECK(render_describe_groups(captured("kafka-4.3.1/describe_groups-v6"), 6) ==
        R"(group "classic-group" error 0 state "Stable" protocol type "consumer" protocol "range"
  member "instance-1-47fcb168-f883-4ea9-8939-7500e29fd396" instance "instance-1" client "classic-group-client" host "/127.0.0.1" assignment ")" +
            to_hex(from_hex(kOrdersAssignment)) + R"("
group "empty-group" error 0 state "Empty" protocol type "consumer" protocol ""
group "connect-cluster" error 0 state "Stable" protocol type "connect" protocol "sessioned"
  member "capture-bc9042a2-6e76-4140-91c0-a932f30d19a2" instance "" client "capture" host "/127.0.0.1" assignment ")" +
            to_hex("what to run") + R"("
group "no-such-group" error 69 state "Dead" protocol type "" protocol ""
)");
}

TEST_CASE("DescribeGroups v5: an unknown group has state Dead and no error") {
  CHECK(render_describe_groups(captured("kafka-2.4.1/describe_groups-v5"), 5) ==
        R"(group "classic-group" error 0 state "Stable" protocol type "consumer" protocol "range"
  member "instance-1-6baab2d0-17cd-40ca-873d-c42d1f3c2b65" instance "instance-1" client "classic-group-client" host "/127.0.0.1" assignment ")" +
            to_hex(from_hex(kOrdersAssignment)) + R"("
group "empty-group" error 0 state "Empty" protocol type "consumer" protocol ""
group "connect-cluster" error 0 state "Stable" protocol type "connect" protocol "sessioned"
  member "capture-ed3af8d4-e758-475a-ad31-ff0db9e3df54" instance "" client "capture" host "/127.0.0.1" assignment ")" +
            to_hex("what to run") + R"("
group "no-such-group" error 0 state "Dead" protocol type "" protocol ""
)");
}

TEST_CASE("an assignment contains topics and their partitions") {
  CHECK(render_assignment(from_hex(kOrdersAssignment)) == "assignment \"orders\"[0,1,2,3]\n");
  CHECK(render_assignment("") == "assignment\n");  // a member that has just joined
  CHECK(render_assignment(from_hex("0001 00000000 ffffffff")) == "assignment\n");
  CHECK(render_assignment(from_hex("0003 00000001 0001 61 00000000 00000002 beef")) == "assignment \"a\"[]\n");
}

TEST_CASE("additional fields of later assignment versions are ignored") {
  CHECK(render_assignment(from_hex("0007 00000000 00000000 c0ffee")) == "assignment\n");
}

TEST_CASE("an invalid assignment is an error") {
  const char* bytes = GENERATE("00", "0000", "0000 00000001", "0000 7fffffff", "ffff 00000000 00000000",
                               "0000 fffffffe 00000000", "0000 00000001 0001 61 00000001 0000", "0000 00000000");
  CAPTURE(bytes);
  CHECK_THROWS_AS(decode_assignment(from_hex(bytes)), DecodeError);
  CHECK_THROWS_AS(decode_assignment("what to run"), DecodeError);
}

}  // namespace
