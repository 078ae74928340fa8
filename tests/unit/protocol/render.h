#pragma once

#include <functional>
#include <iomanip>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/api_versions.h"
#include "protocol/consumer_group_describe.h"
#include "protocol/describe_groups.h"
#include "protocol/describe_share_group_offsets.h"
#include "protocol/hex.h"
#include "protocol/list_groups.h"
#include "protocol/list_offsets.h"
#include "protocol/metadata.h"
#include "protocol/offset_fetch.h"
#include "protocol/render_cluster.h"
#include "protocol/render_transactions.h"
#include "protocol/share_group_describe.h"
#include "protocol/streams_group_describe.h"

namespace kafkascope::protocol {

// Renders decoded responses as text, for comparison, for protocol_dump, and so that the fuzz test reads every byte that
// a decoder returns.

inline std::ostream& operator<<(std::ostream& out, const std::vector<AssignedTopic>& assignment) {
  for (const AssignedTopic& topic : assignment) out << ' ' << std::quoted(topic.name) << topic.partitions;
  return out;
}

inline std::string render_metadata(std::string_view answer, int16_t version) {
  std::ostringstream out;
  MetadataSink sink;
  sink.broker = [&](const MetadataBroker& broker) {
    out << "broker " << broker.id << ' ' << std::quoted(broker.host) << ' ' << broker.port << " rack "
        << std::quoted(broker.rack) << '\n';
  };
  sink.cluster = [&](const MetadataCluster& cluster) {
    out << "cluster " << std::quoted(cluster.id) << " controller " << cluster.controller << '\n';
  };
  sink.topic = [&](const MetadataTopic& topic) {
    out << "topic " << std::quoted(topic.name) << " id " << std::quoted(to_hex(topic.id)) << " error " << topic.error
        << " internal " << topic.internal << " partitions " << topic.partitions << '\n';
  };
  sink.partition = [&](const MetadataPartition& partition) {
    out << "  partition " << partition.index << " error " << partition.error << " leader " << partition.leader
        << " epoch " << partition.leader_epoch << " replicas " << partition.replicas << " in sync " << partition.in_sync
        << '\n';
  };
  decode_metadata(answer, version, sink);
  return out.str();
}

inline std::string render_list_groups(std::string_view answer, int16_t version) {
  std::ostringstream out;
  const ListGroupsAnswer decoded = decode_list_groups(answer, version);
  out << "error " << decoded.error << '\n';
  for (const ListedGroup& group : decoded.groups) {
    out << "group " << std::quoted(group.id) << " protocol type " << std::quoted(group.protocol_type) << " state "
        << std::quoted(group.state) << " type " << std::quoted(group.type) << '\n';
  }
  return out.str();
}

inline std::string render_describe_groups(std::string_view answer, int16_t version) {
  std::ostringstream out;
  for (const DescribedGroup& group : decode_describe_groups(answer, version)) {
    out << "group " << std::quoted(group.id) << " error " << group.error << " state " << std::quoted(group.state)
        << " protocol type " << std::quoted(group.protocol_type) << " protocol " << std::quoted(group.protocol) << '\n';
    for (const DescribedMember& member : group.members) {
      out << "  member " << std::quoted(member.id) << " instance " << std::quoted(member.instance_id) << " client "
          << std::quoted(member.client_id) << " host " << std::quoted(member.host) << " assignment "
          << std::quoted(to_hex(member.assignment)) << '\n';
    }
  }
  return out.str();
}

inline std::string render_assignment(std::string_view bytes, int16_t /*version*/ = 0) {
  std::ostringstream out;
  out << "assignment" << decode_assignment(bytes) << '\n';
  return out.str();
}

inline std::string render_consumer_group_describe(std::string_view answer, int16_t version) {
  std::ostringstream out;
  for (const ConsumerGroupDescription& group : decode_consumer_group_describe(answer, version)) {
    out << "group " << std::quoted(group.id) << " error " << group.error << " state " << std::quoted(group.state)
        << " epoch " << group.epoch << " assignor " << std::quoted(group.assignor) << '\n';
    for (const ConsumerGroupMember& member : group.members) {
      out << "  member " << std::quoted(member.id) << " instance " << std::quoted(member.instance_id) << " client "
          << std::quoted(member.client_id) << " host " << std::quoted(member.host) << " epoch " << member.epoch
          << " assignment" << member.assignment << " target" << member.target << '\n';
    }
  }
  return out.str();
}

inline std::string render_offset_fetch(std::string_view answer, int16_t version) {
  std::ostringstream out;
  OffsetFetchSink sink;
  sink.group_begin = [&](std::string_view id) { out << "group " << std::quoted(id) << '\n'; };
  sink.topic = [&](std::string_view name) { out << "  topic " << std::quoted(name) << '\n'; };
  sink.partition = [&](int32_t index, int64_t offset, int16_t error) {
    out << "    partition " << index << " offset " << offset << " error " << error << '\n';
  };
  sink.group_end = [&](int16_t error) { out << "  error " << error << '\n'; };
  decode_offset_fetch(answer, version, sink);
  return out.str();
}

inline std::string render_list_offsets(std::string_view answer, int16_t version) {
  std::ostringstream out;
  ListOffsetsSink sink;
  sink.topic = [&](std::string_view name) { out << "topic " << std::quoted(name) << '\n'; };
  sink.partition = [&](int32_t index, int16_t error, int64_t timestamp, int64_t offset) {
    out << "  partition " << index << " error " << error << " timestamp " << timestamp << " offset " << offset << '\n';
  };
  decode_list_offsets(answer, version, sink);
  return out.str();
}

inline std::string render_share_group_describe(std::string_view answer, int16_t version) {
  std::ostringstream out;
  for (const ShareGroupDescription& group : decode_share_group_describe(answer, version)) {
    out << "group " << std::quoted(group.id) << " error " << group.error << " state " << std::quoted(group.state)
        << " assignor " << std::quoted(group.assignor) << '\n';
    for (const ShareGroupMember& member : group.members) {
      out << "  member " << std::quoted(member.id) << " client " << std::quoted(member.client_id) << " host "
          << std::quoted(member.host) << " assignment" << member.assignment << '\n';
    }
  }
  return out.str();
}

inline std::string render_streams_group_describe(std::string_view answer, int16_t version) {
  std::ostringstream out;
  for (const StreamsGroupDescription& group : decode_streams_group_describe(answer, version)) {
    out << "group " << std::quoted(group.id) << " error " << group.error << " state " << std::quoted(group.state)
        << '\n';
    for (const StreamsGroupMember& member : group.members) {
      out << "  member " << std::quoted(member.id) << " client " << std::quoted(member.client_id) << " host "
          << std::quoted(member.host) << " assignment" << member.assignment << '\n';
    }
  }
  return out.str();
}

inline std::string render_describe_share_group_offsets(std::string_view answer, int16_t version) {
  std::ostringstream out;
  DescribeShareGroupOffsetsSink sink;
  sink.group_begin = [&](std::string_view id) { out << "group " << std::quoted(id) << '\n'; };
  sink.topic = [&](std::string_view name) { out << "  topic " << std::quoted(name) << '\n'; };
  sink.partition = [&](int32_t index, int16_t error, int64_t start_offset, int64_t lag) {
    out << "    partition " << index << " error " << error << " start offset " << start_offset << " lag " << lag
        << '\n';
  };
  sink.group_end = [&](int16_t error) { out << "  error " << error << '\n'; };
  decode_describe_share_group_offsets(answer, version, sink);
  return out.str();
}

inline std::string render_api_versions(std::string_view answer, int16_t version) {
  std::ostringstream out;
  const Features features = decode_api_versions(answer, version);
  out << "error " << features.error << " epoch " << features.finalized_epoch << '\n';
  for (const auto& [name, min, max] : features.supported)
    out << "supported " << std::quoted(name) << ' ' << min << " to " << max << '\n';
  for (const auto& [name, level] : features.finalized) out << "finalized " << std::quoted(name) << ' ' << level << '\n';
  return out.str();
}

inline constexpr Api kApis[] = {kMetadata,
                                kListGroups,
                                kDescribeGroups,
                                kConsumerGroupDescribe,
                                kOffsetFetch,
                                kListOffsets,
                                kShareGroupDescribe,
                                kStreamsGroupDescribe,
                                kDescribeShareGroupOffsets,
                                kDescribeLogDirs,
                                kDescribeQuorum,
                                kListPartitionReassignments,
                                kDescribeTopicPartitions,
                                kFetch,
                                kListTransactions,
                                kDescribeTransactions,
                                kDescribeProducers,
                                kApiVersions};

/// Decoders by Kafka's name of the request.
inline std::string render(std::string_view name, std::string_view bytes, int16_t version) {
  static const std::map<std::string_view, std::function<std::string(std::string_view, int16_t)>> renderers = {
      {kMetadata.name, render_metadata},
      {kListGroups.name, render_list_groups},
      {kDescribeGroups.name, render_describe_groups},
      {"ConsumerProtocolAssignment", render_assignment},
      {kConsumerGroupDescribe.name, render_consumer_group_describe},
      {kOffsetFetch.name, render_offset_fetch},
      {kListOffsets.name, render_list_offsets},
      {kShareGroupDescribe.name, render_share_group_describe},
      {kStreamsGroupDescribe.name, render_streams_group_describe},
      {kDescribeShareGroupOffsets.name, render_describe_share_group_offsets},
      {kDescribeLogDirs.name, render_describe_log_dirs},
      {kDescribeQuorum.name, render_describe_quorum},
      {kListPartitionReassignments.name, render_list_partition_reassignments},
      {kDescribeTopicPartitions.name, render_describe_topic_partitions},
      {kFetch.name, render_fetch_twice},
      {kListTransactions.name, render_list_transactions},
      {kDescribeTransactions.name, render_describe_transactions},
      {kDescribeProducers.name, render_describe_producers},
      {kApiVersions.name, render_api_versions},
  };
  return renderers.at(name)(bytes, version);
}

}  // namespace kafkascope::protocol
