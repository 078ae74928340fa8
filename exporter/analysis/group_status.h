#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>

#include "model/progress.h"
#include "model/snapshot.h"
#include "model/time.h"

namespace kafkascope::analysis {

/// How progress is judged. The defaults are for a poll every 15 s.
struct StatusParameters {
  /// No shorter than three times `near`, no longer than 109 minutes; what is beyond counts as that.
  std::chrono::milliseconds window = std::chrono::minutes(5);
  /// Waiting for no longer is as good as caught up: two polls. What lies between two observations that are further
  /// apart than this and its half, three polls, was not observed.
  std::chrono::milliseconds near = std::chrono::seconds(30);
};

/// A poll's fresh values of a partition that a group has committed on.
struct Observation {
  model::Time now;
  int64_t committed;
  std::optional<int64_t> previous_committed;  ///< As last known, however long ago; nothing: seen for the first time.
  std::optional<int64_t> lag;                 ///< Nothing: the end could not be read; then only moves are noted.
  std::optional<double> lag_seconds;          ///< Of the oldest record that is not committed, or not yet deleted.
};

/// Notes an observation. A poll that could not read the commit notes nothing: the time until the next observation then
/// counts neither as progress nor as standing still.
void update_progress(model::Progress& progress, const Observation& observation, const StatusParameters& parameters);

/// Returns the status of a partition, as of the last observation, from its progress alone:
/// - ok: lag is 0, or the oldest record waits no longer than `near`; or behind for less than a window; or catching up.
/// - rewound: moved back within the last window, and not yet again where it was.
/// - stalled, stopped: behind and did not move for a window, with members and without.
/// - lagging: moves, but has been behind for a window, and its lag is no smaller than a window ago.
/// Nothing: was behind when it was first seen, and has not been observed for a window yet.
std::optional<model::Status> progress_status(const model::Progress& progress, bool has_members,
                                             const StatusParameters& parameters);

/// Returns the status of a partition that a group has committed on. Before its progress, and at once after a start:
/// - losing: records were deleted before the group had read them.
/// - ahead: the commit is beyond the end of the log.
/// - stopped: no members, and the oldest unread record has been waiting for longer than a window.
std::optional<model::Status> partition_status(const model::GroupPartition& row, bool has_members,
                                              const StatusParameters& parameters);

/// Returns the worst status of a topic's partitions. Nothing if it is not known: also if all known ones are ok and one
/// is unknown. `members`: of the group; negative: unknown.
std::optional<model::Status> worst_status(std::span<const model::GroupPartition> rows, int32_t members,
                                          const StatusParameters& parameters);

}  // namespace kafkascope::analysis
