#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "metrics/publisher.h"
#include "metrics/sample_writer.h"
#include "model/collector.h"
#include "model/status.h"
#include "model/time.h"

namespace kafkascope::poll {

/// What to publish of a target.
struct Output {
  /// None: those that were published last are still right.
  std::optional<std::vector<metrics::Family>> families;
  model::ClusterStatus status;
  metrics::SampleWriter::Held held;            ///< Series that show a last good value, by collector.
  std::map<std::string, size_t> dropped;       ///< What max_series leaves out: families, and their numbers of series.
  std::vector<model::CollectorRun> runs;       ///< The collectors that ran.
  model::WallTime at;                          ///< When they began.
  std::chrono::duration<double> rendering{0};  ///< How long the families took to write and compress.
};

/// Something that is polled, such as a Kafka cluster: it asks, computes and writes, and remembers what it needs for the
/// next poll. Thread-safety: poll() and between_polls() are called by one thread, the others by any.
class Target {
 public:
  virtual ~Target() = default;
  /// Those that may be in Output::runs.
  virtual std::span<const model::Collector> collectors() const = 0;
  /// The families of a target about which nothing is known, and its status before the first poll.
  virtual metrics::TargetPage down_page() const = 0;
  /// Runs the collectors that run in every poll, until `deadline` or shortly after. What the target does wrong is in
  /// the runs; an exception is a defect of ours, and costs what is remembered.
  virtual Output poll(model::Time deadline) = 0;
  /// Runs those that are due and need not run in every poll, until `deadline`. None: nothing ran.
  virtual std::optional<Output> between_polls(model::Time deadline) = 0;
  /// Makes the call that is going on, and all later ones, return at once.
  virtual void stop() = 0;
};

}  // namespace kafkascope::poll
