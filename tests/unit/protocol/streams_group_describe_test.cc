#include "protocol/streams_group_describe.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/answers.h"
#include "protocol/render.h"
#include "protocol/writer.h"

using namespace kafkascope::protocol;

namespace {

TEST_CASE("StreamsGroupDescribe requests several groups") {
  const std::vector<std::string_view> groups = {"a", "bc"};
  CHECK(to_hex(encode_streams_group_describe(0, groups)) == digits("03 0261 036263 00"));
}

TEST_CASE("StreamsGroupDescribe: tasks as topics, a group with a missing topic, and an unknown group (error 69)") {
  CHECK(render_streams_group_describe(captured("kafka-4.3.1/streams_group_describe-v0"), 0) ==
        R"(group "streams-group" error 0 state "Stable"
  member "n3SzxnvRTQapcyWC4HEaVQ" client "streams-group-66dd9dd8-8db8-4a8e-b34e-9dbe27e16762-StreamThread-1-consumer" )"
        R"(host "/127.0.0.1" assignment "orders"[0] "streams-group-by-value-repartition"[0]
  member "iJb_21m-RrmSUijQm75Qqw" client "streams-group-66dd9dd8-8db8-4a8e-b34e-9dbe27e16762-StreamThread-2-consumer" )"
        R"(host "/127.0.0.1" assignment "orders"[1] "streams-group-by-value-repartition"[1]
group "streams-waiting" error 0 state "NotReady"
  member "04f3a9c1-09e9-4118-a074-c7ba767c5612" client "capture" host "/127.0.0.1" assignment
group "no-such-group" error 69 state ""
)");
}

/// One subtopology with this number of topics, and one member with this number of its tasks.
std::string answer_of(size_t topics, size_t tasks) {
  Writer writer(/*flexible=*/true);
  writer.int32(0).array(1);  // throttle time, groups
  writer.int16(0).null_string().string("g").string("Stable").int32(1).int32(1);
  writer.int8(1).int32(1).array(1).string("0").array(topics);  // topology, subtopologies
  for (size_t i = 0; i < topics; ++i) writer.string("t");
  writer.array(0).array(0).array(0).tags().tags();
  writer.array(1).string("m").int32(1).null_string().null_string();  // members
  writer.string("c").string("h").int32(1).string("p").int8(-1).array(0).array(0).array(0);
  writer.array(tasks);
  for (size_t i = 0; i < tasks; ++i) writer.string("0").array(1).int32(static_cast<int32_t>(i)).tags();
  writer.array(0).array(0).tags();
  writer.array(0).array(0).array(0).tags();  // target assignment
  writer.boolean(false).tags().int32(0).tags().tags();
  return writer.take();
}

TEST_CASE("StreamsGroupDescribe: tasks times topics may be a million at most") {
  const std::string small = answer_of(2, 3);
  CHECK(render_streams_group_describe(small, 0) == R"(group "g" error 0 state "Stable"
  member "m" client "c" host "h" assignment "t"[0] "t"[0] "t"[1] "t"[1] "t"[2] "t"[2]
)");
  const std::string most = answer_of(1000, 1000);
  CHECK(decode_streams_group_describe(most, 0).at(0).members.at(0).assignment.size() == 1'000'000);
  const std::string more = answer_of(1000, 1001);
  CHECK_THROWS_AS(decode_streams_group_describe(more, 0), DecodeError);
}

}  // namespace
