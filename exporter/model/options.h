#pragma once

#include <chrono>

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

  bool operator==(const Options&) const = default;
};

}  // namespace kafkascope::model
