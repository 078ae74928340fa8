#pragma once

#include "model/poll_result.h"
#include "model/snapshot.h"
#include "model/time.h"

namespace kafkascope::cluster {

/// What a poll requests beyond what every poll does.
struct PollPlan {
  model::Time deadline;
  bool all_earliest = false;              ///< Start offsets of all partitions are due.
  const model::Snapshot* last = nullptr;  ///< Before the poll; never null.
};

/// What to request between two polls.
struct BackgroundPlan {
  model::Time deadline;                                 ///< Before the next poll begins.
  bool all_topic_configs = false, log_dirs = false;     ///< Due now.
  int rounds = 1;                                       ///< Requests per leader about single records.
  const model::Snapshot* last = nullptr;                ///< Of the poll that has just ended; it has metadata.
  bool newest_records = false, oldest_records = false;  ///< Their timestamps are due.
  bool transactions = false, features = false;          ///< Due now.
  int start_rounds = 0;  ///< Rounds left of kafka::kStartRounds; 0: none, or the start is over.
};

/// A target's view of its cluster. Abstract so that a test can stand in for Kafka.
class Source {
 public:
  virtual ~Source() = default;
  /// Runs the collectors of every poll. Never throws on Kafka errors: they are in the result. Returns by the deadline
  /// or shortly after.
  virtual model::PollResult poll(const PollPlan& plan) = 0;
  /// Runs the slow collectors, on connections of their own. Likewise, but returns by the deadline.
  virtual model::BackgroundResult collect_background(const BackgroundPlan& plan) = 0;
  /// Makes the current and all later calls return at once. From any thread.
  virtual void stop() = 0;
};

}  // namespace kafkascope::cluster
