#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

#include "model/progress.h"
#include "model/snapshot.h"
#include "model/time.h"

namespace kafkascope::analysis {

/// Parameters of the status. Defaults are for a poll interval of 15 s.
struct StatusParameters {
  /// Clamped to between three times `near` and 109 minutes.
  std::chrono::milliseconds window = std::chrono::minutes(5);
  /// A lag of at most this time, two polls, counts as caught up. Observations more than 1.5 times this, three polls,
  /// apart leave the time between them unobserved.
  std::chrono::milliseconds near = std::chrono::seconds(30);
};

/// Fresh values of a partition with a committed offset.
struct Observation {
  model::Time now;
  int64_t committed;
  std::optional<int64_t> previous_committed;  ///< The last known value, whatever its age; nothing: none.
  std::optional<int64_t> lag;  ///< Nothing: the end offset could not be read; then only changes of the commit are used.
  std::optional<double> lag_seconds;  ///< Age of the oldest record that is not committed.
};

/// Adds an observation. Not called if the commit could not be read: that time then counts neither as progress nor as
/// standing still.
void update_progress(model::Progress& progress, const Observation& observation, const StatusParameters& parameters);

/// Returns the status of a partition at the last observation, from its progress alone:
/// - ok: lag is 0 or at most `near` in time, or behind for less than a window, or catching up.
/// - rewound: offset was reset backwards within the last window and is not yet back.
/// - stalled, stopped: behind, and the commit did not change for a window; with and without members.
/// - lagging: consuming, but behind for a window, and lag did not decrease during the window.
/// Returns nothing if it was behind at the first observation and was observed for less than a window.
std::optional<model::Status> progress_status(const model::Progress& progress, bool has_members,
                                             const StatusParameters& parameters);

/// Returns the status of a partition with a committed offset. These take precedence over progress and do not need a
/// window:
/// - losing: records were deleted before the group read them.
/// - ahead: the commit is beyond the log end offset.
/// - stopped: no members, and the oldest unread record is older than a window.
std::optional<model::Status> partition_status(const model::GroupPartition& row, bool has_members,
                                              const StatusParameters& parameters);

/// Returns the worst status of a topic's partitions. Nothing if unknown, also if all known ones are ok and one is
/// unknown. `members`: of the group; negative: unknown.
std::optional<model::Status> worst_status(std::span<const model::GroupPartition> rows, int32_t members,
                                          const StatusParameters& parameters);

}  // namespace kafkascope::analysis
