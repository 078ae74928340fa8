#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "model/offset_history.h"
#include "model/time.h"

namespace kafkascope::analysis {

/// Notes where a partition ended when it was asked, in every poll that could read it; a poll that could not notes
/// nothing. An end that went down (truncation) takes with it all that was known above it.
void observe(model::OffsetHistory& memory, model::Time now, int64_t end);

/// Notes when the record at `offset` was appended, as the brokers' time index has it. What was seen wins: an offset
/// that is not older than all that was seen is refused, a time that contradicts its neighbours is drawn between them.
/// REQUIRES: observe() was called before; nothing is learnt otherwise.
void add_lookup(model::OffsetHistory& memory, model::Time appended, int64_t offset);

/// Drops what nobody needs any more: all that lies wholly below `committed`, the lowest offset that a group has
/// committed.
void forget_below(model::OffsetHistory& memory, int64_t committed);

/// How long the record at `committed`, the oldest that is not committed, has been waiting: 0 when there is none yet;
/// nothing when it is older than all that is known, so that the time index has to be asked. Where retention has
/// overtaken the commit, ask for the log's first offset.
std::optional<double> lag_seconds(const model::OffsetHistory& memory, model::Time now, int64_t committed);

/// Returns how far lag_seconds() may be off for lack of lookups: behind a record that was looked up, the time to the
/// next point; 0 for offsets that were observed or looked up themselves. Nothing if lag_seconds() returns nothing.
std::optional<double> uncertainty_seconds(const model::OffsetHistory& memory, int64_t committed);

}  // namespace kafkascope::analysis
