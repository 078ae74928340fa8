#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/api.h"
#include "protocol/reader.h"

namespace kafkascope::protocol {

inline constexpr Api kListPartitionReassignments{46, "ListPartitionReassignments", 0, 0, 0};

/// Asks for every partition whose replicas are being moved. Under KRaft any broker passes the question on to the
/// controller; with ZooKeeper only the controller knows. `timeout_ms`: how long the broker may take.
std::string encode_list_partition_reassignments(int16_t version, int32_t timeout_ms);

/// Views into the answer.
struct Reassignment {
  std::string_view topic;
  int32_t partition;
  Int32Array replicas;  // all that it has now, those it gains and loses among them
  Int32Array adding;
  Int32Array removing;
};

struct ListPartitionReassignmentsAnswer {
  int16_t error;
  std::string_view error_message;
  std::vector<Reassignment> reassignments;
};

ListPartitionReassignmentsAnswer decode_list_partition_reassignments(std::string_view answer, int16_t version);

}  // namespace kafkascope::protocol
