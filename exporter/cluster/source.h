#pragma once

#include "model/poll_result.h"
#include "model/snapshot.h"
#include "model/time.h"

namespace kafkascope::cluster {

/// What a poll is to ask, beyond what every poll asks.
struct PollPlan {
  model::Time deadline;
  bool all_earliest = false;              ///< Start offsets of all partitions are due.
  const model::Snapshot* last = nullptr;  ///< What was known; never null.
};

/// What is to be asked between two polls.
struct BackgroundPlan {
  model::Time deadline;                                 ///< Some time before the next poll begins.
  bool all_topic_configs = false, log_dirs = false;     ///< They are due.
  int rounds = 1;                                       ///< Requests per leader about single records.
  const model::Snapshot* last = nullptr;                ///< Of the poll that has just ended; it has metadata.
  bool newest_records = false, oldest_records = false;  ///< Their timestamps are due.
  bool transactions = false;                            ///< They are due.
  bool features = false;                                ///< They are due.
  int start_rounds = 0;  ///< Rounds that are left of kafka::kStartRounds; 0: none, or the start is over.
};

/// A target's view of its cluster. Abstract so that a test can stand in for Kafka.
class Source {
 public:
  virtual ~Source() = default;
  /// Never throws for what Kafka does: that is in the facts. Returns by the deadline or shortly after.
  virtual model::PollResult poll(const PollPlan& plan) = 0;
  /// The slow questions, on connections of their own. Likewise, but never after the deadline.
  virtual model::BackgroundResult collect_background(const BackgroundPlan& plan) = 0;
  /// Makes whatever is being asked, and all that is asked later, return at once. From any thread.
  virtual void stop() = 0;
};

}  // namespace kafkascope::cluster
