#include "protocol/list_offsets.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <string>

#include "protocol/answers.h"
#include "protocol/render.h"

using namespace kafkascope::protocol;

namespace {

std::string request(int16_t version) {
  ListOffsetsRequest request(version, Isolation::kReadCommitted, 3);
  request.topic("a", 2);
  request.partition(0, kLatestOffset);
  request.partition(7, 1'700'000'002'500);
  request.topic("none", 0);
  request.topic("b", 1);
  request.partition(1, kEarliestOffset);
  return to_hex(request.take());
}

TEST_CASE("ListOffsets v5 is not flexible") {
  CHECK(request(5) == digits(R"(ffffffff 01 00000003
                  0001 61 00000002
                  00000000 ffffffff ffffffffffffffff
                  00000007 ffffffff 0000018bcfe571c4
                  0004 6e6f6e65 00000000
                  0001 62 00000001
                  00000001 ffffffff fffffffffffffffe)"));
}

TEST_CASE("ListOffsets v6 and v7 end each partition and topic with tagged fields") {
  const int16_t version = GENERATE(int16_t{6}, int16_t{7});
  CHECK(request(version) == digits(R"(ffffffff 01 04
                  02 61 03
                  00000000 ffffffff ffffffffffffffff 00
                  00000007 ffffffff 0000018bcfe571c4 00
                  00
                  05 6e6f6e65 01
                  00
                  02 62 02
                  00000001 ffffffff fffffffffffffffe 00
                  00)"));
}

TEST_CASE("ListOffsets that any replica answers comes from Kafka's debugging replica") {
  ListOffsetsRequest request(7, Isolation::kReadUncommitted, 1, Answering::kAnyReplica);
  request.topic("a", 1);
  request.partition(0, kLatestOffset);
  CHECK(to_hex(request.take()) == digits("fffffffe 00 02 02 61 02 00000000 ffffffff ffffffffffffffff 00 00"));
}

TEST_CASE("ListOffsets: latest, not the leader (error 6), earliest, by time, unknown topic (error 3)") {
  const int16_t version = GENERATE(int16_t{5}, int16_t{6}, int16_t{7});
  CAPTURE(version);
  CHECK(render_list_offsets(captured("kafka-4.3.1/list_offsets-v" + std::to_string(version)), version) ==
        R"(topic "orders"
  partition 0 error 0 timestamp -1 offset 5
  partition 1 error 6 timestamp -1 offset -1
  partition 2 error 0 timestamp -1 offset 2
  partition 3 error 0 timestamp 1700000003000 offset 3
topic "no-such-topic"
  partition 0 error 3 timestamp -1 offset -1
)");
}

TEST_CASE("ListOffsets from old brokers") {
  const auto [name, version] =
      GENERATE(std::pair{"kafka-2.4.1/list_offsets-v5", 5}, std::pair{"kafka-2.8.2/list_offsets-v6", 6});
  CAPTURE(name);
  CHECK(render_list_offsets(captured(name), static_cast<int16_t>(version)) == R"(topic "orders"
  partition 0 error 0 timestamp -1 offset 5
  partition 1 error 0 timestamp -1 offset 0
  partition 2 error 0 timestamp -1 offset 2
  partition 3 error 0 timestamp 1700000003000 offset 3
topic "no-such-topic"
  partition 0 error 3 timestamp -1 offset -1
)");
}

}  // namespace
