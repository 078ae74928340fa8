#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "metrics/chunk.h"
#include "metrics/page.h"
#include "model/target_name.h"

namespace kafkascope::metrics {

struct Family {
  std::string name;
  std::shared_ptr<const Chunk> head;  ///< HELP and TYPE lines; equal for all clusters
  std::shared_ptr<const Chunk> body;  ///< series; null or empty: the family is not on the page
  bool by_partition = false;          ///< Whether its series have a `partition` label.
};

/// Result of one poll of one target.
struct TargetPage {
  std::vector<Family> families;  ///< in page order, which is the same for all targets of one kind
  model::ClusterStatus status;
};

/// Merges the chunks of all targets into one page. There is a page from the start. Thread-safety: all functions may be
/// called by any number of threads. page() never waits for a page being built.
class Publisher {
 public:
  /// Returns the exporter's own families, the last ones on the page. `last`: the last page.
  using OwnFamilies = std::function<std::vector<Family>(const Page& last)>;

  /// `own` is called once per page, by one thread at a time.
  explicit Publisher(OwnFamilies own);

  /// Adds a target with its first families after the others, or replaces one of the same name.
  void add(const model::TargetName& target, TargetPage page);
  /// Removes a target's families. Later calls of publish() for it have no effect.
  void remove(const model::TargetName& target);

  /// Replaces a target's families. No effect if it was not added or was removed.
  void publish(const model::TargetName& target, TargetPage page);
  /// For a poller that hangs: replaces the target's families by `replacement` (kafka_up 0) and marks its status as
  /// down, until the poller publishes again.
  void drop(const model::TargetName& target, std::vector<Family> replacement);
  /// Updates the exporter's own families unless that happened after `since`, so that they stay current if all pollers
  /// hang.
  void refresh(std::chrono::steady_clock::time_point since);

  /// Returns the newest page; never null.
  std::shared_ptr<const Page> page() const;

 private:
  struct Target {
    model::TargetName name;
    TargetPage page;
  };

  Target* find(const model::TargetName& name);  // REQUIRES: build_mutex_ is held
  void renew_own();                             // REQUIRES: build_mutex_ is held
  void rebuild();                               // REQUIRES: build_mutex_ is held

  const OwnFamilies own_families_;
  // Held while a page is built, a few milliseconds for the largest. Pollers wait for each other, page() does not wait.
  std::mutex build_mutex_;
  std::vector<Target> targets_;  // guarded by build_mutex_, like the next members
  std::vector<Family> own_;
  std::chrono::steady_clock::time_point own_made_{};

  mutable std::mutex page_mutex_;                                      // held only to copy a pointer
  std::shared_ptr<const Page> page_ = std::make_shared<const Page>();  // guarded by page_mutex_
};

}  // namespace kafkascope::metrics
