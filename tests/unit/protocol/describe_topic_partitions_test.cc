#include "protocol/describe_topic_partitions.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/answers.h"
#include "protocol/hex.h"
#include "protocol/render_cluster.h"

using namespace kafkascope::protocol;

namespace {

std::string told(const std::string& what) {
  return render_describe_topic_partitions(captured("kafka-4.3.1/describe_topic_partitions-v0" + what), 0);
}

TEST_CASE("DescribeTopicPartitions requests topics, with and without a cursor") {
  const std::vector<std::string_view> topics = {"a", "bc"};
  CHECK(to_hex(encode_describe_topic_partitions(0, topics, 2000)) == digits("03 0261 00 036263 00 000007d0 ff"));
  CHECK(to_hex(encode_describe_topic_partitions(0, topics, 2000, TopicPartitionsCursor{"bc", 7})) ==
        digits("03 0261 00 036263 00 000007d0 01 036263 00000007 00"));
}

TEST_CASE("DescribeTopicPartitions: all replicas in sync, and an unknown topic (error 3)") {
  CHECK(told("") == R"(topic "fragile" error 0
  partition 0 error 0 leader 2 epoch 0 in sync [2,3] eligible [] last known []
topic "no-such-topic" error 3
topic "orders" error 0
  partition 0 error 0 leader 1 epoch 0 in sync [1] eligible [] last known []
  partition 1 error 0 leader 1 epoch 0 in sync [1] eligible [] last known []
)");
}

TEST_CASE("DescribeTopicPartitions: a response that reached the limit has a cursor") {
  CHECK(told("-limited") == R"(topic "fragile" error 0
  partition 0 error 0 leader 2 epoch 0 in sync [2,3] eligible [] last known []
topic "no-such-topic" error 3
topic "orders" error 0
  partition 0 error 0 leader 1 epoch 0 in sync [1] eligible [] last known []
next "orders" 1
)");
}

TEST_CASE("DescribeTopicPartitions: below the minimum ISR a broker that is down is an eligible leader") {
  CHECK(told("-broker_down").starts_with(R"(topic "fragile" error 0
  partition 0 error 0 leader 2 epoch 0 in sync [2] eligible [3] last known []
)"));
}

TEST_CASE(
    "DescribeTopicPartitions: after an unclean shutdown a broker is not eligible; the last known leader is reported") {
  CHECK(told("-last_known").starts_with(R"(topic "fragile" error 0
  partition 0 error 0 leader -1 epoch 1 in sync [] eligible [2] last known [2]
)"));
}

}  // namespace
