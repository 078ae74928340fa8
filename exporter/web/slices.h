#pragma once

#include <cstddef>
#include <list>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "metrics/page.h"
#include "metrics/selection.h"
#include "model/status.h"

namespace kafkascope::web {

/// Reads the query of a request for metrics, such as `cluster=a&name[]=kafka_topic_*`; empty: everything. Throws
/// std::invalid_argument, which says what is wrong, for unknown parameters and clusters.
metrics::Selection parse_selection(std::string_view query, const std::vector<model::ClusterStatus>& clusters);

/// Makes slices of the newest page, and keeps those that were asked for last. Thread-safety: every method may be called
/// from any thread.
class Slices {
 public:
  std::shared_ptr<const metrics::Page> get(const std::shared_ptr<const metrics::Page>& page,
                                           const metrics::Selection& selection);
  /// Returns the size of the kept slices.
  size_t bytes() const;

 private:
  struct Slice {
    metrics::Selection selection;
    std::shared_ptr<const metrics::Page> page;
  };

  std::shared_ptr<const metrics::Page> find(const std::shared_ptr<const metrics::Page>& page,
                                            const metrics::Selection& selection);
  void keep(Slice slice);  // REQUIRES: mutex_ is held

  mutable std::mutex mutex_;
  std::weak_ptr<const metrics::Page> whole_;  // what the slices are of
  std::list<Slice> slices_;                   // the last used first
};

}  // namespace kafkascope::web
