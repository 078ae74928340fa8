#pragma once

#include <chrono>
#include <cstddef>
#include <set>
#include <string>

namespace kafkascope::model {

/// What pure code needs to know of the configuration.
struct Options {
  /// How long a value that can no longer be read stays at its last good value.
  std::chrono::milliseconds hold{std::chrono::minutes(1)};
  /// false: a group's offsets only for partitions that a member of it is assigned to now.
  bool show_all_offsets = true;
  /// true: the partitions of a topic that a group has committed on, but not these, show offset and lag -1 as
  /// kafka_exporter does.
  bool uncommitted_as_minus_one = false;
  /// The time between two polls; what is seen is seen that late.
  std::chrono::milliseconds interval{std::chrono::seconds(15)};
  /// How often the slow questions are asked.
  std::chrono::milliseconds topic_configs_interval{std::chrono::minutes(5)}, log_dirs_interval{std::chrono::minutes(5)};
  /// For how long a group must be behind before its status says so.
  std::chrono::milliseconds status_window{std::chrono::minutes(5)};
  /// A group that has had no members for so long is left out. 0: never.
  std::chrono::milliseconds drop_empty_after{0};
  /// Who the members of groups are, and who owns each partition.
  bool members = false, owners = false;
  /// How far consumers of committed transactions can see.
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
