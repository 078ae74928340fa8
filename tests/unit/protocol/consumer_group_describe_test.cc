#include "protocol/consumer_group_describe.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/answers.h"
#include "protocol/render.h"

using namespace kafkascope::protocol;

namespace {

TEST_CASE("ConsumerGroupDescribe requests several groups") {
  const std::vector<std::string_view> groups = {"a", "bc"};
  CHECK(to_hex(encode_consumer_group_describe(0, groups)) == digits("03 0261 036263 00"));
  CHECK(to_hex(encode_consumer_group_describe(1, groups)) == digits("03 0261 036263 00"));
}

TEST_CASE("ConsumerGroupDescribe: a group with a static member, and an unknown group (error 69)") {
  const int16_t version = GENERATE(int16_t{0}, int16_t{1});
  CAPTURE(version);
  const std::string answer = captured("kafka-4.3.1/consumer_group_describe-v" + std::to_string(version));
  CHECK(render_consumer_group_describe(answer, version) ==
        R"(group "consumer-group" error 0 state "Stable" epoch 2 assignor "uniform"
  member "t16obechRv287FOOH0IC3g" instance "instance-2" client "consumer-group-client" host "/127.0.0.1" epoch 2 assignment "orders"[0,1,2,3] target "orders"[0,1,2,3]
group "no-such-group" error 69 state "" epoch 0 assignor ""
)");
}

}  // namespace
