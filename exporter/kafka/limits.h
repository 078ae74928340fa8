#pragma once

// The time limits and budgets of exporter/kafka/ that are not configurable.
namespace kafkascope::kafka {

// ---- phases of a poll

/// Until when each phase of a poll may last, in parts of the poll's time. Time that a phase does not need is left to
/// the later ones, and what is reserved for the later ones is not given to it: a broker that is slow in one phase is
/// lost at its end, and the other brokers still have time to answer in the next.
inline constexpr double kMetadataEnd = 0.5, kGroupsEnd = 0.7, kGroupOffsetsEnd = 0.8, kOffsetsEnd = 0.9,
                        kShareGroupsEnd = 0.95;
/// Likewise of the time between two polls.
inline constexpr double kTimeLagEnd = 0.8;

/// Which part of the remaining time a step may use that is followed by another one in its phase: one of several steps
/// of equal weight, and the main one.
inline constexpr double kStepShare = 0.5, kMainStepShare = 0.8;

}  // namespace kafkascope::kafka
