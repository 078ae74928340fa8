#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "protocol/api.h"
#include "protocol/reader.h"

namespace kafkascope::protocol {

/// Version 10 has topic IDs.
inline constexpr Api kMetadata{3, "Metadata", 9, 10, 9};

/// Encodes a Metadata request for all topics. Creates no topics. `operations`: include what the client may do with each
/// topic.
std::string encode_metadata(int16_t version, bool operations = false);

/// Encodes a Metadata request for one topic, which need not exist. The response has an error for it then, also if the
/// client may not describe it; in the response for all topics such topics are missing.
std::string encode_topic_metadata(int16_t version, std::string_view topic);

struct MetadataBroker {
  int32_t id;
  std::string_view host;
  int32_t port;
  std::string_view rack;  // empty: none
};

struct MetadataCluster {
  std::string_view id;  // empty: not reported
  int32_t controller;   // with KRaft an arbitrary broker; -1: none
};

struct MetadataTopic {
  int16_t error;
  std::string_view name;
  std::string_view id;  // 16 bytes; empty before version 10
  bool internal;
  size_t partitions;  // number of partition() calls that follow
};

struct MetadataPartition {
  int16_t error;
  int32_t index;
  int32_t leader;  // -1: none
  int32_t leader_epoch;
  Int32Array replicas;
  Int32Array in_sync;
};

/// Receives the decoded response: brokers, the cluster, then each topic followed by its partitions. Topics and
/// partitions are not sorted. REQUIRES: every function is set (also in the other sinks), except `operations`.
struct MetadataSink {
  std::function<void(const MetadataBroker&)> broker;
  std::function<void(const MetadataCluster&)> cluster;
  std::function<void(const MetadataTopic&)> topic;
  std::function<void(const MetadataPartition&)> partition;
  /// What the client may do with the topic, after its partitions: bits by Kafka's numbers of operations.
  std::function<void(int32_t)> operations = {};
};

/// Throws DecodeError; the sink may have received part of the response by then.
void decode_metadata(std::string_view answer, int16_t version, const MetadataSink& sink);

}  // namespace kafkascope::protocol
