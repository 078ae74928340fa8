#pragma once

#include <chrono>
#include <functional>
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

/// What one poll of one target publishes.
struct TargetPage {
  std::vector<Family> families;  ///< in the order of the page; targets of one kind list them in the same order
  model::ClusterStatus status;
};

/// Merges the chunks of all targets into the one page that is served. A page is there from the start.
/// Thread-safety: all functions may be called by any number of threads. page() never waits for a page being built.
class Publisher {
 public:
  /// Makes the families of the process itself, which come last on the page. `last` is the page before.
  using OwnFamilies = std::function<std::vector<Family>(const Page& last)>;

  /// `own` is called once for each new page, by one thread at a time.
  explicit Publisher(OwnFamilies own);

  /// Adds a target, after those that are there, with its first page. Replaces one of the same name in its place.
  void add(const std::string& target, TargetPage page);
  /// Removes all that a target has on the page. What its poller publishes later has no effect.
  void remove(const std::string& target);

  /// Replaces all that the target has on the page. No effect where it was not added, or has been removed.
  void publish(const std::string& target, TargetPage page);
  /// For a poller that hangs: `replacement` (kafka_up 0) is all that stays of the target. Its status stays, as one that
  /// is down and whose poll has failed. What the poller publishes later counts again.
  void drop(const std::string& target, std::vector<Family> replacement);
  /// Makes the families of the process anew, unless that happened after `since`: while all pollers hang, too, the
  /// process's own figures must move.
  void refresh(std::chrono::steady_clock::time_point since);

  /// The newest page; never null.
  std::shared_ptr<const Page> page() const;

 private:
  struct Target {
    std::string name;
    TargetPage page;
  };

  Target* find(const std::string& name);  // REQUIRES: build_mutex_ is held
  void renew_own();                       // REQUIRES: build_mutex_ is held
  void rebuild();                         // REQUIRES: build_mutex_ is held

  const OwnFamilies own_families_;
  // Held while a page is built, a few milliseconds for the largest: pollers wait for each other, readers for nobody.
  std::mutex build_mutex_;
  std::vector<Target> targets_;  // guarded by build_mutex_, as these
  std::vector<Family> own_;
  std::chrono::steady_clock::time_point own_made_{};

  mutable std::mutex page_mutex_;                                      // held for the copy of a pointer only
  std::shared_ptr<const Page> page_ = std::make_shared<const Page>();  // guarded by page_mutex_
};

}  // namespace kafkascope::metrics
