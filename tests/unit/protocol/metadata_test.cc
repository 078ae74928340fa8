#include "protocol/metadata.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "protocol/answers.h"
#include "protocol/render.h"

using namespace kafkascope::protocol;

namespace {

TEST_CASE("Metadata requests all topics or one, and creates no topics") {
  CHECK(to_hex(encode_metadata(9)) == digits("00 00 00 00"));
  CHECK(to_hex(encode_metadata(10)) == digits("00 00 00 00"));
  CHECK(to_hex(encode_metadata(10, true)) == digits("00 00 00 01"));
  CHECK(to_hex(encode_topic_metadata(9, "t")) == digits("02 02 74 00 00 00 00"));
}

TEST_CASE("Metadata v10 with two brokers, one topic on both, one on the second") {
  CHECK(render_metadata(captured("kafka-4.3.1/metadata-v10"), 10) ==
        R"(broker 1 "localhost" 49301 rack "rack-1"
broker 2 "localhost" 49302 rack "rack-2"
cluster "AAAAAAAAAAAAAAAAAAAAAQ" controller 2
topic "__share_group_state" id "792b5eac6c59420abe7380c3c2c57b16" error 0 internal 1 partitions 1
  partition 0 error 0 leader 1 epoch 0 replicas [1] in sync [1]
topic "audit" id "0a8d1a5e62df45e99a9e632397aa9017" error 0 internal 0 partitions 1
  partition 0 error 0 leader 2 epoch 0 replicas [2] in sync [2]
topic "orders" id "40ff6b7e69a341339dd41c7ef2bc1dcd" error 0 internal 0 partitions 4
  partition 0 error 0 leader 1 epoch 0 replicas [1,2] in sync [1,2]
  partition 1 error 0 leader 2 epoch 0 replicas [2,1] in sync [2,1]
  partition 2 error 0 leader 1 epoch 0 replicas [1,2] in sync [1,2]
  partition 3 error 0 leader 1 epoch 0 replicas [1,2] in sync [1,2]
topic "__consumer_offsets" id "d6fd9444265d4d1e94a8c801b342cebf" error 0 internal 1 partitions 1
  partition 0 error 0 leader 2 epoch 0 replicas [2] in sync [2]
)");
}

TEST_CASE("Metadata v10 without the second broker: no leader, error 5 (LEADER_NOT_AVAILABLE), empty ISR") {
  CHECK(render_metadata(captured("kafka-4.3.1/metadata-v10-broker_down"), 10) ==
        R"(broker 1 "localhost" 49301 rack "rack-1"
cluster "AAAAAAAAAAAAAAAAAAAAAQ" controller 1
topic "__share_group_state" id "792b5eac6c59420abe7380c3c2c57b16" error 0 internal 1 partitions 1
  partition 0 error 0 leader 1 epoch 0 replicas [1] in sync [1]
topic "audit" id "0a8d1a5e62df45e99a9e632397aa9017" error 0 internal 0 partitions 1
  partition 0 error 5 leader -1 epoch 1 replicas [2] in sync []
topic "orders" id "40ff6b7e69a341339dd41c7ef2bc1dcd" error 0 internal 0 partitions 4
  partition 0 error 0 leader 1 epoch 0 replicas [1,2] in sync [1]
  partition 1 error 0 leader 1 epoch 1 replicas [2,1] in sync [1]
  partition 2 error 0 leader 1 epoch 0 replicas [1,2] in sync [1]
  partition 3 error 0 leader 1 epoch 0 replicas [1,2] in sync [1]
topic "__consumer_offsets" id "d6fd9444265d4d1e94a8c801b342cebf" error 0 internal 1 partitions 1
  partition 0 error 5 leader -1 epoch 1 replicas [2] in sync []
)");
}

TEST_CASE("Metadata v9 has no topic ids, and partitions are in any order") {
  CHECK(render_metadata(captured("kafka-2.4.1/metadata-v9"), 9) ==
        R"(broker 1 "localhost" 49324 rack "rack-1"
cluster "nudbMR_FQUyp1rrTo6DmVQ" controller 1
topic "__consumer_offsets" id "" error 0 internal 1 partitions 1
  partition 0 error 0 leader 1 epoch 0 replicas [1] in sync [1]
topic "audit" id "" error 0 internal 0 partitions 1
  partition 0 error 0 leader 1 epoch 0 replicas [1] in sync [1]
topic "orders" id "" error 0 internal 0 partitions 4
  partition 0 error 0 leader 1 epoch 0 replicas [1] in sync [1]
  partition 2 error 0 leader 1 epoch 0 replicas [1] in sync [1]
  partition 3 error 0 leader 1 epoch 0 replicas [1] in sync [1]
  partition 1 error 0 leader 1 epoch 0 replicas [1] in sync [1]
)");
}

TEST_CASE("Metadata with more partitions than its size allows is an error") {
  // No broker, an empty cluster id, controller 0, one topic without a name, with 126 partitions .
  const std::string answer = from_hex("00000000 01 01 00000000 02 0000 01 00 7f") + std::string(126 * 18 - 1, '\0');
  size_t claimed = 0;
  MetadataSink sink;
  sink.cluster = [](const MetadataCluster&) {};
  sink.topic = [&](const MetadataTopic& topic) { claimed = topic.partitions; };
  CHECK_THROWS_AS(decode_metadata(answer, 9, sink), DecodeError);
  CHECK(claimed == 0);
}

}  // namespace
