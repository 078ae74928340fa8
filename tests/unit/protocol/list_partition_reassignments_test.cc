#include "protocol/list_partition_reassignments.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <string>

#include "protocol/answers.h"
#include "protocol/hex.h"
#include "protocol/render_cluster.h"

using namespace kafkascope::protocol;

namespace {

TEST_CASE("ListPartitionReassignments requests all topics") {
  CHECK(to_hex(encode_list_partition_reassignments(0, 5000)) == digits("00001388 00"));
}

TEST_CASE("ListPartitionReassignments: one replica is replaced, one is added") {
  const std::string kafka = GENERATE("kafka-2.4.1", "kafka-2.8.2", "kafka-4.3.1");
  CAPTURE(kafka);
  CHECK(render_list_partition_reassignments(captured(kafka + "/list_partition_reassignments-v0"), 0) == R"(error 0 ""
partition "moving" 0 replicas [1,3,2] adding [3] removing [2]
partition "moving" 1 replicas [1,2,3] adding [3] removing []
)");
}

TEST_CASE("ListPartitionReassignments: none") {
  CHECK(render_list_partition_reassignments(captured("kafka-4.3.1/list_partition_reassignments-v0-none"), 0) ==
        "error 0 \"\"\n");
}

TEST_CASE("ListPartitionReassignments with ZooKeeper, not from the controller: error 41 (NOT_CONTROLLER)") {
  const std::string kafka = GENERATE("kafka-2.4.1", "kafka-2.8.2");
  CAPTURE(kafka);
  CHECK(render_list_partition_reassignments(captured(kafka + "/list_partition_reassignments-v0-not_controller"), 0) ==
        "error 41 \"This is not the correct controller for this cluster.\"\n");
}

}  // namespace
