#pragma once

#include "model/facts.h"
#include "model/snapshot.h"
#include "model/time.h"

namespace kafkascope::poll {

/// What a poll is to ask, beyond what every poll asks.
struct Plan {
  model::Time deadline;
  bool all_earliest = false;              ///< Start offsets of all partitions are due.
  const model::Snapshot* last = nullptr;  ///< What was known; never null.
};

/// A poller's view of a cluster. Abstract so that a test can stand in for Kafka.
class Source {
 public:
  virtual ~Source() = default;
  /// Never throws for what Kafka does: that is in the facts. Returns by the deadline or shortly after.
  virtual model::Facts ask(const Plan& plan) = 0;
  /// Makes a running ask(), and every later one, return at once. From any thread.
  virtual void stop() = 0;
};

}  // namespace kafkascope::poll
