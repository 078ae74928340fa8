#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "protocol/api.h"
#include "protocol/writer.h"

namespace kafkascope::protocol {

inline constexpr Api kListOffsets{2, "ListOffsets", 5, 7, 6};

inline constexpr int64_t kLatestOffset = -1;
inline constexpr int64_t kEarliestOffset = -2;
inline constexpr int64_t kNewestRecord = -3;  ///< The record with the highest timestamp (KIP-734).

/// Versions of ListOffsets that know kNewestRecord; older brokers take it for a time long ago.
inline constexpr Api kListNewestRecords{2, "ListOffsets", 7, 7, 6};

enum class Isolation : int8_t { kReadUncommitted = 0, kReadCommitted = 1 };

/// Which replicas answer, in Kafka's field ReplicaId.
enum class Answering : int32_t {
  kLeader = -1,     ///< As for consumers: only the leader.
  kAnyReplica = -2  ///< As for Kafka's debugging tools: a follower, too. kLatestOffset is then the end of its own log.
};

/// Encodes a ListOffsets request for one offset per partition. Sends no leader epoch: during a leader change a stale
/// one would be rejected (FENCED_LEADER_EPOCH).
class ListOffsetsRequest {
 public:
  /// `topics`: number of topic() calls that follow.
  ListOffsetsRequest(int16_t version, Isolation isolation, size_t topics, Answering answering = Answering::kLeader);
  /// `partitions`: number of partition() calls that follow.
  void topic(std::string_view name, size_t partitions);
  /// `timestamp`: kLatestOffset, kEarliestOffset, kNewestRecord, or milliseconds since the Unix epoch.
  void partition(int32_t index, int64_t timestamp);
  std::string take();

 private:
  Writer writer_;
  size_t partitions_left_ = 0;
};

struct ListOffsetsSink {
  std::function<void(std::string_view name)> topic;
  /// offset and timestamp -1: none, or an error.
  std::function<void(int32_t index, int16_t error, int64_t timestamp, int64_t offset)> partition;
};

/// Throws DecodeError; the sink may have received part of the response by then.
void decode_list_offsets(std::string_view answer, int16_t version, const ListOffsetsSink& sink);

}  // namespace kafkascope::protocol
