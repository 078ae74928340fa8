#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "protocol/api.h"
#include "protocol/writer.h"

namespace kafkascope::protocol {

inline constexpr Api kDescribeProducers{61, "DescribeProducers", 0, 0, 0};

/// Encodes a DescribeProducers request, sent to the leader of the partitions.
class DescribeProducersRequest {
 public:
  /// `topics`: number of topic() calls that follow.
  DescribeProducersRequest(int16_t version, size_t topics);
  /// `partitions`: number of partition() calls that follow, at least one.
  void topic(std::string_view name, size_t partitions);
  void partition(int32_t index);
  std::string take();

 private:
  Writer writer_;
  size_t partitions_left_ = 0;
};

struct ProducerState {
  int64_t id;
  int32_t epoch;
  int64_t last_timestamp_ms;         ///< Of its last record; -1: unknown.
  int64_t transaction_start_offset;  ///< -1: no transaction is open.
};

/// Receives each topic followed by its partitions, each followed by its producers.
struct DescribeProducersSink {
  std::function<void(std::string_view name)> topic;
  std::function<void(int32_t index, int16_t error)> partition;
  std::function<void(const ProducerState&)> producer;
};

/// Throws DecodeError; the sink may have received part of the response by then.
void decode_describe_producers(std::string_view answer, int16_t version, const DescribeProducersSink& sink);

}  // namespace kafkascope::protocol
