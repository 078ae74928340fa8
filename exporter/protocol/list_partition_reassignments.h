#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/api.h"
#include "protocol/reader.h"

namespace kafkascope::protocol {

inline constexpr Api kListPartitionReassignments{46, "ListPartitionReassignments", 0, 0, 0};

/// Encodes a ListPartitionReassignments request for all topics. With KRaft any broker forwards it to the controller;
/// with ZooKeeper it must be sent to the controller. `timeout_ms`: for the broker.
std::string encode_list_partition_reassignments(int16_t version, int32_t timeout_ms);

/// Refers to the bytes of the response.
struct Reassignment {
  std::string_view topic;
  int32_t partition;
  Int32Array replicas;  // current replicas, including those being added and removed
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
