#include "protocol/list_groups.h"

#include <catch2/catch_test_macros.hpp>

#include "protocol/answers.h"
#include "protocol/render.h"

using namespace kafkascope::protocol;

namespace {

TEST_CASE("ListGroups requests all states and types") {
  CHECK(to_hex(encode_list_groups(3)).empty());
  CHECK(to_hex(encode_list_groups(4)) == "01");
  CHECK(to_hex(encode_list_groups(5)) == digits("01 01"));
}

TEST_CASE("ListGroups v5 has types") {
  CHECK(render_list_groups(captured("kafka-4.3.1/list_groups-v5"), 5) ==
        R"(error 0
group "classic-group" protocol type "consumer" state "Stable" type "classic"
group "connect-cluster" protocol type "connect" state "Stable" type "classic"
group "share-group" protocol type "share" state "Stable" type "share"
group "consumer-group" protocol type "consumer" state "Stable" type "consumer"
group "streams-group" protocol type "streams" state "Stable" type "streams"
group "empty-group" protocol type "consumer" state "Empty" type "classic"
group "simple-group" protocol type "" state "Empty" type "classic"
)");
}

TEST_CASE("ListGroups v4 has states but no types") {
  CHECK(render_list_groups(captured("kafka-2.8.2/list_groups-v4"), 4) ==
        R"(error 0
group "classic-group" protocol type "consumer" state "Stable" type ""
group "empty-group" protocol type "consumer" state "Empty" type ""
group "simple-group" protocol type "" state "Empty" type ""
group "connect-cluster" protocol type "connect" state "Stable" type ""
)");
}

TEST_CASE("ListGroups v3 has neither states nor types") {
  CHECK(render_list_groups(captured("kafka-2.4.1/list_groups-v3"), 3) ==
        R"(error 0
group "classic-group" protocol type "consumer" state "" type ""
group "empty-group" protocol type "consumer" state "" type ""
group "simple-group" protocol type "" state "" type ""
group "connect-cluster" protocol type "connect" state "" type ""
)");
}

TEST_CASE("ListGroups from a coordinator that is loading has an error and no groups") {
  CHECK(render_list_groups(from_hex("00000000 000e 01 00"), 5) == "error 14\n");
}

}  // namespace
