#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "model/offset_history.h"
#include "model/time.h"

namespace kafkascope::analysis {

/// Adds the end offset read in a poll. An end offset that decreased (truncation) removes all points above it.
void observe(model::OffsetHistory& memory, model::Time now, int64_t end);

/// Adds the append time of the record at `offset` from the time index. Observations take precedence: an offset that is
/// not below all observed ones is ignored, a time that contradicts neighboring points is clamped between them.
/// REQUIRES: observe() was called; otherwise no effect.
void add_lookup(model::OffsetHistory& memory, model::Time appended, int64_t offset);

/// Removes points that are only needed below `committed`, the lowest committed offset of all groups.
void forget_below(model::OffsetHistory& memory, int64_t committed);

/// Returns the age of the record at `committed`, 0 if there is none yet. Returns nothing if it is older than all
/// points: look it up in the time index. If records from the commit on were deleted, pass the log start offset.
std::optional<double> lag_seconds(const model::OffsetHistory& memory, model::Time now, int64_t committed);

/// Returns the maximum error of lag_seconds() that another lookup would remove: after a record that was looked up, the
/// time to the next point; 0 for offsets that were observed or looked up. Nothing if lag_seconds() returns nothing.
std::optional<double> uncertainty_seconds(const model::OffsetHistory& memory, int64_t committed);

}  // namespace kafkascope::analysis
