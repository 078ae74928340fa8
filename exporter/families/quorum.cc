#include <algorithm>
#include <array>
#include <string>

#include "families/page_sections.h"

namespace kafkascope::families {

using model::Collector;
using model::QuorumReplica;

namespace {

/// Returns the log end offset of the leader; -1: unknown.
int64_t log_end(const model::Quorum& quorum) {
  const auto leader = std::find_if(quorum.replicas.begin(), quorum.replicas.end(),
                                   [&](const QuorumReplica& replica) { return replica.id == quorum.leader; });
  return leader == quorum.replicas.end() ? -1 : leader->log_end_offset;
}

}  // namespace

void write_quorum(const PageContext& w) {
  const auto& quorum = w.snapshot.quorum;
  const std::array roles{label("role", "observer"), label("role", "voter")};

  /// Writes a family with one series. A negative value is unknown.
  const auto figure = [&](std::string_view name, std::string_view help, const auto& of) {
    w.out.family({name, help, Type::kGauge, Collector::kQuorum}, [&](SampleWriter& s) {
      if (quorum && of(*quorum.value) >= 0) s.value(int64_t{of(*quorum.value)}, quorum.held());
    });
  };
  /// Writes a family by replica. `write` sets the value, or does not begin the series.
  const auto by_replica = [&](std::string_view name, std::string_view help, const auto& write) {
    w.out.family({name, help, Type::kGauge, Collector::kQuorum}, [&](SampleWriter& s) {
      if (!quorum) return;
      for (const auto& replica : quorum->replicas)
        write(replica,
              [&](auto value) { s.with("id", replica.id).with(roles[replica.voter]).value(value, quorum.held()); });
    });
  };

  figure("kafka_quorum_leader_epoch", "Epoch of the KRaft quorum leader. Each election increases it.",
         [](const model::Quorum& q) { return q.leader_epoch; });
  figure("kafka_quorum_high_watermark",
         "High watermark of the metadata log: the offset up to which a majority of voters has replicated it.",
         [](const model::Quorum& q) { return q.high_watermark; });
  by_replica(
      "kafka_quorum_replica_log_end_offset",
      "Log end offset of the metadata log on the voter or observer. Absent if the quorum leader does not report it.",
      [](const QuorumReplica& replica, const auto& value) {
        if (replica.log_end_offset >= 0) value(replica.log_end_offset);
      });
  const int64_t end = quorum ? log_end(*quorum.value) : -1;
  by_replica("kafka_quorum_replica_lag",
             "Number of metadata log records the voter or observer is behind the quorum leader. Absent if its log end "
             "offset is unknown.",
             [end](const QuorumReplica& replica, const auto& value) {
               if (end >= 0 && replica.log_end_offset >= 0) value(std::max<int64_t>(0, end - replica.log_end_offset));
             });
  by_replica("kafka_quorum_replica_last_caught_up_timestamp_seconds",
             "Time when the voter or observer was last caught up with the quorum leader. Absent if the leader does not "
             "report it.",
             [](const QuorumReplica& replica, const auto& value) {
               if (replica.last_caught_up_ms >= 0) value(static_cast<double>(replica.last_caught_up_ms) / 1000);
             });
}

}  // namespace kafkascope::families
