#include "analysis/group_status.h"

#include <algorithm>
#include <bit>
#include <limits>

namespace kafkascope::analysis {

using model::Progress;
using model::Status;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kLongestWindow = std::chrono::minutes(109);  // durations in Progress have 16 bits
constexpr uint32_t kMostToRegain = (1u << 26) - 1;

/// Packs a lag of at least 1 into 16 bits and keeps the order: exact up to 2047, then within 0.1%.
uint16_t packed_lag(int64_t lag) {
  const auto value = static_cast<uint64_t>(lag);
  const int shift = std::max(0, static_cast<int>(std::bit_width(value)) - 11);
  return static_cast<uint16_t>((shift << 10) + static_cast<int>(value >> shift));
}

double unpacked_lag(uint16_t packed) {
  const int shift = packed < 2048 ? 0 : (packed >> 10) - 1;
  return static_cast<double>(static_cast<uint64_t>(packed - (shift << 10)) << shift);
}

uint32_t ticks(milliseconds span) { return static_cast<uint32_t>(span.count() / 100); }

uint32_t window_of(const StatusParameters& parameters) {
  return ticks(std::min(std::max(parameters.window, 3 * parameters.near), kLongestWindow));
}

void add(uint16_t& span, uint32_t step) {
  span = static_cast<uint16_t>(std::min<uint32_t>(span + step, std::numeric_limits<uint16_t>::max()));
}

void note_move(Progress& progress, const Observation& now) {
  if (!now.previous_committed || *now.previous_committed == now.committed) return;
  progress.moved = model::to_tick(now.now);
  progress.calm = 0;
  const int64_t forward = now.committed - *now.previous_committed;
  const int64_t left = std::clamp<int64_t>(progress.to_regain - forward, 0, kMostToRegain);
  progress.to_regain = static_cast<uint32_t>(left);
  if (forward < 0) progress.since_back = 0;
}

void note_caught_up(Progress& progress) {
  progress.was_ok = 1;
  progress.to_regain = 0;
  progress.calm = progress.half = 0;
  progress.halves = progress.shrank = progress.lagging = 0;
  progress.high_before = progress.high_last = progress.high_now = 0;
}

/// Ends a half window and compares its lag with that of two half windows ago, at first with the initial lag.
/// Hysteresis: to leave `lagging`, lag must shrink by 10%, or in three half windows in a row.
void end_half(Progress& progress, uint16_t lag) {
  if (progress.halves > 0) {
    const uint16_t now = progress.halves == 1 ? lag : progress.high_now;
    const bool much = unpacked_lag(now) < 0.9 * unpacked_lag(progress.high_before);
    progress.shrank = now >= progress.high_before ? 0 : much ? 3 : std::min(progress.shrank + 1, 3);
    const uint32_t enough = progress.lagging ? 3 : 1;
    progress.lagging = progress.shrank < enough;
  }
  if (progress.halves < 2) ++progress.halves;
  progress.high_before = progress.high_last;
  progress.high_last = progress.high_now;
  progress.high_now = lag;
}

}  // namespace

void update_progress(Progress& progress, const Observation& now, const StatusParameters& parameters) {
  const uint32_t window = window_of(parameters);
  if (!now.lag) {
    note_move(progress, now);
    return;
  }
  const model::Tick tick = model::to_tick(now.now);
  uint32_t step = progress.seen == model::kNoTick ? 0 : model::ticks_between(progress.seen, tick);
  if (step >= window) {  // not observed for too long: start over
    const model::Tick moved = progress.moved;
    progress = {};
    progress.moved = moved;
  }
  if (step > ticks(parameters.near) * 3 / 2) step = 0;
  progress.seen = tick;

  add(progress.since_back, step);
  if (progress.high_now != 0) add(progress.calm, step);
  note_move(progress, now);
  if (*now.lag <= 0 || (now.lag_seconds && *now.lag_seconds * 1000 <= double(parameters.near.count()))) {
    note_caught_up(progress);
    return;
  }
  const uint16_t lag = packed_lag(*now.lag);
  if (progress.high_now == 0) {
    progress.high_before = progress.high_last = progress.high_now = lag;
    return;
  }
  add(progress.half, step);
  progress.high_now = std::max(progress.high_now, lag);
  if (progress.half < window / 2) return;
  end_half(progress, lag);
  progress.half = static_cast<uint16_t>(progress.half % std::max(window / 2, 1u));
}

std::optional<Status> progress_status(const Progress& progress, bool has_members, const StatusParameters& parameters) {
  const uint32_t window = window_of(parameters);
  if (progress.seen == model::kNoTick) return {};
  if (progress.high_now == 0) return Status::kOk;
  if (progress.to_regain > 0 && progress.since_back < window) return Status::kRewound;
  if (progress.calm >= window) return has_members ? Status::kStalled : Status::kStopped;
  if (progress.halves < 2) return progress.was_ok ? std::optional(Status::kOk) : std::nullopt;
  return progress.lagging ? Status::kLagging : Status::kOk;
}

std::optional<Status> partition_status(const model::GroupPartition& row, bool has_members,
                                       const StatusParameters& parameters) {
  if (row.committed.known() && row.lost > 0) return Status::kLosing;
  if (row.ahead > 0) return Status::kAhead;
  if (!row.lag.known()) return {};
  const auto status = progress_status(row.progress, has_members, parameters);
  const bool moved = row.progress.moved != model::kNoTick;
  const double window = std::chrono::duration<double>(parameters.window).count();
  if (!status && !has_members && !moved && row.lag_seconds > window) return Status::kStopped;
  return status;
}

std::optional<Status> worst_status(std::span<const model::GroupPartition> rows, int32_t members,
                                   const StatusParameters& parameters) {
  if (members < 0 || rows.empty()) return {};
  Status worst = Status::kOk;
  bool unknown = false;
  for (const auto& row : rows) {
    const auto status = partition_status(row, members > 0, parameters);
    worst = std::max(worst, status.value_or(Status::kOk));
    unknown |= !status;
  }
  if (worst == Status::kOk && unknown) return {};
  return worst;
}

}  // namespace kafkascope::analysis
