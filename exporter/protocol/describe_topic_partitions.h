#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/api.h"
#include "protocol/reader.h"

namespace kafkascope::protocol {

inline constexpr Api kDescribeTopicPartitions{75, "DescribeTopicPartitions", 0, 0, 0};

/// Where the next request continues: a topic and the first partition of it.
struct TopicPartitionsCursor {
  std::string_view topic;
  int32_t partition;
};

/// Encodes a DescribeTopicPartitions request, sent to any broker. The response is sorted by topic name, whatever the
/// order of the request, and skips topics before the cursor. `partition_limit`: maximum number of partitions in the
/// response; the broker may have a lower limit.
std::string encode_describe_topic_partitions(int16_t version, std::span<const std::string_view> topics,
                                             int32_t partition_limit,
                                             const std::optional<TopicPartitionsCursor>& cursor = std::nullopt);

/// Refers to the bytes of the response.
struct DescribedPartition {
  int16_t error;
  int32_t index;
  int32_t leader;  // -1: none
  int32_t leader_epoch;
  Int32Array in_sync;
  Int32Array eligible_leader_replicas;
  Int32Array last_known_eligible;
};

struct DescribedTopic {
  int16_t error;
  std::string_view name;
  std::vector<DescribedPartition> partitions;
};

struct DescribeTopicPartitionsAnswer {
  std::vector<DescribedTopic> topics;
  std::optional<TopicPartitionsCursor> next;  // none: the response is complete
};

DescribeTopicPartitionsAnswer decode_describe_topic_partitions(std::string_view answer, int16_t version);

}  // namespace kafkascope::protocol
