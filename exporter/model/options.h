#pragma once

#include <chrono>
#include <cstddef>
#include <set>
#include <string>

namespace kafkascope::model {

/// Configuration values used by analysis and families.
struct Options {
  /// How long the last good value is held after reads fail.
  std::chrono::milliseconds hold{std::chrono::minutes(1)};
  /// false: a group's offsets only for partitions that a member of it is assigned to now.
  bool show_all_offsets = true;
  /// true: the partitions of a topic that a group has committed on, but not these, show offset and lag -1 as
  /// kafka_exporter does.
  bool uncommitted_as_minus_one = false;
  /// Time between two polls.
  std::chrono::milliseconds interval{std::chrono::seconds(15)};
  /// Time between two runs of the slow collectors.
  std::chrono::milliseconds topic_configs_interval{std::chrono::minutes(5)}, log_dirs_interval{std::chrono::minutes(5)};
  /// How long a group must be behind before its status changes.
  std::chrono::milliseconds status_window{std::chrono::minutes(5)};
  /// A group that has had no members for so long is left out. 0: never.
  std::chrono::milliseconds drop_empty_after{0};
  /// Whether to export group members and partition owners.
  bool members = false, owners = false;
  /// Whether to read last stable offsets.
  bool read_committed = false;
  /// false: no family with a `partition` label.
  bool by_partition = true;
  /// Families are left out, the most detailed ones first, so that the cluster has no more series. 0: no limit.
  size_t max_series = 0;
  /// Families that are left out, by name.
  std::set<std::string, std::less<>> disabled_families = {};

  bool operator==(const Options&) const = default;
};

}  // namespace kafkascope::model
