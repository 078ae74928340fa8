#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kafka/error.h"
#include "model/cluster.h"
#include "protocol/list_offsets.h"

// ListOffsets in terms of partition numbers.
namespace kafkascope::kafka {

struct WantedOffset {
  uint32_t partition;
  int64_t timestamp;  ///< As in protocol::ListOffsetsRequest.
};

/// The partitions to request from each leader, each partition once.
using ByLeader = std::map<int32_t, std::vector<WantedOffset>>;

std::string encode_wanted_offsets(int16_t version, protocol::Isolation isolation, const model::Metadata& metadata,
                                  std::span<const WantedOffset> wanted,
                                  protocol::Answering answering = protocol::Answering::kLeader);

/// Calls `read` for each partition in the response. Throws protocol::DecodeError, also for a partition that was not
/// requested.
void decode_wanted_offsets(
    std::string_view body, int16_t version, const model::Metadata& metadata,
    const std::function<void(uint32_t partition, rd_kafka_resp_err_t code, int64_t timestamp, int64_t offset)>& read);

/// Returns whether the leader has moved, is being elected, or the topic is deleted: new metadata is needed.
bool leader_moved(rd_kafka_resp_err_t code);

}  // namespace kafkascope::kafka
