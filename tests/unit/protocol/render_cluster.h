#pragma once

#include <iomanip>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/describe_log_dirs.h"
#include "protocol/describe_quorum.h"
#include "protocol/describe_topic_partitions.h"
#include "protocol/fetch.h"
#include "protocol/list_partition_reassignments.h"

namespace kafkascope::protocol {

// Like render.h, for requests about the cluster.

inline std::ostream& operator<<(std::ostream& out, const Int32Array& array) {
  out << '[';
  for (size_t i = 0; i < array.size(); ++i) out << (i ? "," : "") << array[i];
  return out << ']';
}

inline std::string render_describe_log_dirs(std::string_view answer, int16_t version) {
  std::ostringstream out;
  DescribeLogDirsSink sink;
  sink.answer_error = [&](int16_t error) { out << "error " << error << '\n'; };
  sink.dir = [&](std::string_view path, int16_t error) {
    out << "dir " << std::quoted(path) << " error " << error << '\n';
  };
  sink.topic = [&](std::string_view name) { out << "  topic " << std::quoted(name) << '\n'; };
  sink.partition = [&](int32_t index, int64_t size, int64_t offset_lag, bool is_future) {
    out << "    partition " << index << " size " << size << " lag " << offset_lag << " future " << is_future << '\n';
  };
  sink.dir_end = [&](int64_t total_bytes, int64_t usable_bytes) {
    out << "  total " << total_bytes << " usable " << usable_bytes << '\n';
  };
  decode_describe_log_dirs(answer, version, sink);
  return out.str();
}

inline void render_replicas(std::ostream& out, std::string_view role, const std::vector<QuorumReplica>& replicas) {
  for (const QuorumReplica& replica : replicas) {
    out << "  " << role << ' ' << replica.id << " end " << replica.log_end_offset << " fetched "
        << replica.last_fetch_timestamp_ms << " caught up " << replica.last_caught_up_timestamp_ms << '\n';
  }
}

inline std::string render_describe_quorum(std::string_view answer, int16_t version) {
  std::ostringstream out;
  const Quorum quorum = decode_describe_quorum(answer, version);
  out << "error " << quorum.error << " leader " << quorum.leader << " epoch " << quorum.leader_epoch
      << " high watermark " << quorum.high_watermark << '\n';
  render_replicas(out, "voter", quorum.voters);
  render_replicas(out, "observer", quorum.observers);
  return out.str();
}

inline std::string render_list_partition_reassignments(std::string_view answer, int16_t version) {
  std::ostringstream out;
  const ListPartitionReassignmentsAnswer decoded = decode_list_partition_reassignments(answer, version);
  out << "error " << decoded.error << ' ' << std::quoted(decoded.error_message) << '\n';
  for (const Reassignment& reassignment : decoded.reassignments) {
    out << "partition " << std::quoted(reassignment.topic) << ' ' << reassignment.partition << " replicas "
        << reassignment.replicas << " adding " << reassignment.adding << " removing " << reassignment.removing << '\n';
  }
  return out.str();
}

inline std::string render_describe_topic_partitions(std::string_view answer, int16_t version) {
  std::ostringstream out;
  const DescribeTopicPartitionsAnswer decoded = decode_describe_topic_partitions(answer, version);
  for (const DescribedTopic& topic : decoded.topics) {
    out << "topic " << std::quoted(topic.name) << " error " << topic.error << '\n';
    for (const DescribedPartition& partition : topic.partitions) {
      out << "  partition " << partition.index << " error " << partition.error << " leader " << partition.leader
          << " epoch " << partition.leader_epoch << " in sync " << partition.in_sync << " eligible "
          << partition.eligible_leader_replicas << " last known " << partition.last_known_eligible << '\n';
    }
  }
  if (decoded.next) out << "next " << std::quoted(decoded.next->topic) << ' ' << decoded.next->partition << '\n';
  return out.str();
}

inline std::string render_fetch(std::string_view answer, int16_t version, int64_t offset) {
  std::ostringstream out;
  FetchSink sink;
  sink.topic = [](std::string_view) {};
  sink.partition = [&](const FetchedPartition& partition) {
    out << "error " << partition.error << " high watermark " << partition.high_watermark << " start "
        << partition.log_start_offset << '\n';
    const auto batch = find_batch(partition.records, offset);
    if (!batch) {
      out << "no batch\n";
      return;
    }
    out << "batch " << batch->base_offset << " to " << batch->last_offset << " control " << batch->control
        << " transactional " << batch->transactional << " time " << batch->base_timestamp_ms << " to "
        << batch->max_timestamp_ms << '\n';
  };
  if (const int16_t error = decode_fetch(answer, version, sink)) out << "error " << error << '\n';
  return out.str();
}

/// Looks up two offsets: one in the first batch, and one that may be after the last batch.
inline std::string render_fetch_twice(std::string_view answer, int16_t version) {
  return render_fetch(answer, version, 0) + render_fetch(answer, version, 1000);
}

}  // namespace kafkascope::protocol
