#pragma once

#include <chrono>
#include <cstddef>
#include <set>
#include <string>

namespace kafkascope::model {

/// Configuration values used by analysis and families.
struct Options {
  /// How long the last good value is held after a failed read.
  std::chrono::milliseconds hold{std::chrono::minutes(1)};
  /// false: only offsets of partitions that are assigned to a member of the group.
  bool show_all_offsets = true;
  /// true: for a topic with committed offsets, partitions without one have offset and lag -1, as in kafka_exporter.
  bool uncommitted_as_minus_one = false;
  /// Poll interval.
  std::chrono::milliseconds interval{std::chrono::seconds(15)};
  /// Interval of the slow collectors.
  std::chrono::milliseconds topic_configs_interval{std::chrono::minutes(5)}, log_dirs_interval{std::chrono::minutes(5)},
      record_times_interval{std::chrono::minutes(1)}, transactions_interval{std::chrono::minutes(1)},
      features_interval{std::chrono::minutes(5)};
  /// How long a group must be behind before its status changes.
  std::chrono::milliseconds status_window{std::chrono::minutes(5)};
  /// Groups without members for this long are left out. 0: never.
  std::chrono::milliseconds drop_empty_after{0};
  /// Whether to export group members and partition owners.
  bool members = false, owners = false;
  /// Whether to read last stable offsets.
  bool read_committed = false;
  /// Whether to export kafka-lag-exporter's metrics too, and the value of their label cluster_name; empty: the
  /// cluster's id.
  bool kafka_lag_exporter = false;
  std::string cluster_name = {};
  /// false: leaves out families with a `partition` label.
  bool by_partition = true;
  /// Maximum number of series of the cluster; the most detailed families are left out first. 0: no limit.
  size_t max_series = 0;
  /// Names of families to leave out.
  std::set<std::string, std::less<>> disabled_families = {};

  bool operator==(const Options&) const = default;
};

}  // namespace kafkascope::model
