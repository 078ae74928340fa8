#pragma once

#include <cstdint>
#include <vector>

#include "model/cluster.h"
#include "model/group.h"

namespace kafkascope::analysis {

/// Which topic and partition of the metadata before is which now. A topic that was deleted and made again (its id
/// differs) is another one, so that nothing of the old one is held for the new.
class Renumbering {
 public:
  /// `before` null: nothing was known.
  Renumbering(const model::Metadata* before, const model::Metadata& now);

  /// Nothing changed.
  bool same() const { return same_; }

  /// The number that a partition had before; UINT32_MAX: it is new.
  uint32_t old_partition(uint32_t partition) const { return same_ ? partition : old_partitions_[partition]; }

  /// Rewrites a reference from before; false when its partition is gone.
  bool renumber(model::PartitionRef& ref) const;

 private:
  bool same_;
  std::vector<uint32_t> old_partitions_;
  std::vector<uint32_t> new_topics_;  ///< By the index of before; kNoTopic: gone.
  std::vector<uint32_t> sizes_;       ///< Partitions, by the index of now.
};

}  // namespace kafkascope::analysis
