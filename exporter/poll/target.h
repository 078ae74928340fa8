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

/// Result of a poll.
struct Output {
  /// Nothing: unchanged since the last output.
  std::optional<std::vector<metrics::Family>> families;
  model::ClusterStatus status;
  metrics::SampleWriter::Held held;            ///< Number of held series by collector.
  std::map<std::string, size_t> dropped;       ///< Families that max_series leaves out, with their numbers of series.
  std::vector<model::CollectorRun> runs;       ///< The collectors that ran.
  model::WallTime at;                          ///< When they started.
  std::chrono::duration<double> rendering{0};  ///< Time to write and compress the families.
};

/// Something to poll, such as a Kafka cluster. Keeps the state that the next poll needs. Thread-safety: poll() and
/// between_polls() are called by one thread, other functions by any thread.
class Target {
 public:
  virtual ~Target() = default;
  /// Returns the collectors that Output::runs may contain.
  virtual std::span<const model::Collector> collectors() const = 0;
  /// Returns the families and status before the first poll.
  virtual metrics::TargetPage down_page() const = 0;
  /// Runs the collectors of every poll until `deadline` or shortly after. Failures are reported in Output::runs. An
  /// exception is a bug on our side; the state is then lost.
  virtual Output poll(model::Time deadline) = 0;
  /// Runs slow collectors that are due, until `deadline`. Returns nothing if none ran.
  virtual std::optional<Output> between_polls(model::Time deadline) = 0;
  /// Makes the current and all later calls return at once.
  virtual void stop() = 0;
};

}  // namespace kafkascope::poll
