#include "protocol/describe_quorum.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "protocol/answers.h"
#include "protocol/hex.h"
#include "protocol/render_cluster.h"

using namespace kafkascope::protocol;

namespace {

TEST_CASE("DescribeQuorum requests the metadata log") {
  for (const int16_t version : {0, 1, 2}) {
    CHECK(to_hex(encode_describe_quorum(version)) ==
          digits("02 13 5f5f636c75737465725f6d65746164617461 02 00000000 00 00"));
  }
}

TEST_CASE("DescribeQuorum: a controller and two brokers as observers, without timestamps before version 1") {
  CHECK(render_describe_quorum(captured("kafka-4.3.1/describe_quorum-v0"), 0) ==
        R"(error 0 leader 1 epoch 1 high watermark 155
  voter 1 end 155 fetched -1 caught up -1
  observer 2 end 155 fetched -1 caught up -1
  observer 3 end 155 fetched -1 caught up -1
)");
  CHECK(render_describe_quorum(captured("kafka-4.3.1/describe_quorum-v1"), 1) ==
        R"(error 0 leader 1 epoch 1 high watermark 155
  voter 1 end 155 fetched 1795273105517 caught up 1795273105517
  observer 2 end 155 fetched 1795273105241 caught up 1795273105241
  observer 3 end 155 fetched 1795273105237 caught up 1795273105237
)");
  CHECK(render_describe_quorum(captured("kafka-4.3.1/describe_quorum-v2"), 2) ==
        R"(error 0 leader 1 epoch 1 high watermark 155
  voter 1 end 155 fetched 1795273105523 caught up 1795273105523
  observer 2 end 155 fetched 1795273105241 caught up 1795273105241
  observer 3 end 155 fetched 1795273105237 caught up 1795273105237
)");
}

TEST_CASE("DescribeQuorum: the top-level error takes precedence; without a partition nothing is known") {
  const std::string nothing_known = "leader -1 epoch -1 high watermark -1\n";
  CHECK(render_describe_quorum(from_hex("001f 01 00"), 0) == "error 31 " + nothing_known);
  CHECK(render_describe_quorum(from_hex("001f 026e 01 01 00"), 2) == "error 31 " + nothing_known);
  CHECK(render_describe_quorum(from_hex("0000 01 00"), 0) == "error 0 " + nothing_known);
  const std::string partition = "02 0261 02 00000000 0006 ffffffff 00000005 ffffffffffffffff 01 01 00 00 00";
  CHECK(render_describe_quorum(from_hex("0000" + partition), 0) == "error 6 leader -1 epoch 5 high watermark -1\n");
  CHECK(render_describe_quorum(from_hex("001f" + partition), 0) == "error 31 leader -1 epoch 5 high watermark -1\n");
}

}  // namespace
