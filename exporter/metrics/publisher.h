#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "metrics/chunk.h"
#include "metrics/page.h"

namespace kafkascope::metrics {

struct Family {
  std::string name;
  std::shared_ptr<const Chunk> head;  ///< its HELP and TYPE lines, the same for every cluster
  std::shared_ptr<const Chunk> body;  ///< its series; null or without series: the family is not on the page
};

/// What one poll of one cluster publishes.
struct ClusterPage {
  std::vector<Family> families;  ///< in the order of the page; every cluster lists them in the same order
  ClusterStatus status;
};

/// Puts the chunks of all clusters together to the one page that is served. A page is there from the start.
/// Thread-safety: all functions may be called by any number of threads. page() never waits for a page being built.
class Publisher {
 public:
  /// The page before the first poll: one entry a cluster, whose number is its place in `clusters`; `process` as in
  /// publish().
  Publisher(std::vector<ClusterPage> clusters, std::vector<Family> process);

  /// Replaces all that `cluster` has on the page.
  void publish(size_t cluster, ClusterPage page);
  /// As above, and replaces the families of the process itself, which come last on the page, in the same step.
  void publish(size_t cluster, ClusterPage page, std::vector<Family> process);
  /// For a poller that hangs: `replacement` (kafka_up 0) is all that stays of the cluster. Its status stays, as a
  /// cluster that is down and whose poll has ended badly. What the poller publishes later counts again.
  void drop(size_t cluster, std::vector<Family> replacement);

  /// The newest page; never null.
  std::shared_ptr<const Page> page() const;

 private:
  void rebuild();  // REQUIRES: build_mutex_ is held

  // Held while a page is built, a few milliseconds for the largest: pollers wait for each other, readers for nobody.
  std::mutex build_mutex_;
  std::vector<ClusterPage> clusters_;  // guarded by build_mutex_
  std::vector<Family> process_;        // guarded by build_mutex_

  mutable std::mutex page_mutex_;     // held for the copy of a pointer only
  std::shared_ptr<const Page> page_;  // guarded by page_mutex_
};

}  // namespace kafkascope::metrics
