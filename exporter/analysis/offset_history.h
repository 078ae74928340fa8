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

/// How far lag_seconds() may be off at most for want of learning: behind a record that was learnt, the time to the
/// next point; 0 for what was seen and for what was learnt itself, which cannot be learnt better. Nothing where
/// lag_seconds() has none.
std::optional<double> uncertainty_seconds(const model::OffsetHistory& memory, int64_t committed);

/// The newest end that was observed; nothing before the first.
std::optional<int64_t> newest_end(const model::OffsetHistory& memory);

/// Memory that it takes, the struct itself included.
size_t bytes(const model::OffsetHistory& memory);

}  // namespace kafkascope::analysis
