#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "protocol/api.h"
#include "protocol/reader.h"

namespace kafkascope::protocol {

/// Not above version 10: from 11 on the answer no longer tells which cluster operations we are allowed.
inline constexpr Api kMetadata{3, "Metadata", 9, 10, 9};

/// Asks for every topic, with the authorized operations of the cluster; never creates a topic.
std::string encode_metadata(int16_t version);

struct MetadataBroker {
  int32_t id;
  std::string_view host;
  int32_t port;
  std::string_view rack;  // empty: none
};

struct MetadataCluster {
  std::string_view id;  // empty: the broker does not tell
  int32_t controller;   // under KRaft any broker at all; -1: none
};

struct MetadataTopic {
  int16_t error;
  std::string_view name;
  std::string_view id;  // 16 bytes; empty before version 10
  bool internal;
  size_t partitions;  // how many follow
};

struct MetadataPartition {
  int16_t error;
  int32_t index;
  int32_t leader;  // -1: none
  int32_t leader_epoch;
  Int32Array replicas;
  Int32Array in_sync;
};

/// Gets what the answer holds, in its order: brokers, the cluster, then each topic followed by its partitions. Topics
/// and partitions are in no order of their own. REQUIRES: every function is set (of the other sinks too).
struct MetadataSink {
  std::function<void(const MetadataBroker&)> broker;
  std::function<void(const MetadataCluster&)> cluster;
  std::function<void(const MetadataTopic&)> topic;
  std::function<void(const MetadataPartition&)> partition;
  /// Bits numbered by Kafka's AclOperation codes; INT32_MIN when the broker does not tell.
  std::function<void(int32_t)> cluster_operations;
};

/// Throws DecodeError; the sink may by then have got a part.
void decode_metadata(std::string_view answer, int16_t version, const MetadataSink& sink);

}  // namespace kafkascope::protocol
