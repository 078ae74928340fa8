#pragma once

#include <string>
#include <unordered_map>
#include <utility>

#include "config/name_labels.h"

namespace kafkascope::cluster {

/// Remembers the labels of names from one page to the next: matching expressions is slow.
class LabelCache {
 public:
  explicit LabelCache(config::NameLabels rules) : rules_(std::move(rules)) {}

  bool empty() const { return rules_.empty(); }
  const config::NameLabels::Labels& of(const std::string& name) {
    if (const auto found = known_.find(name); found != known_.end()) return found->second;
    return known_.emplace(name, rules_.of(name)).first->second;
  }
  /// Forgets all names once there are many more than `names`.
  void trim(size_t names) {
    if (known_.size() > 2 * names + 1000) known_.clear();
  }

 private:
  const config::NameLabels rules_;
  std::unordered_map<std::string, config::NameLabels::Labels> known_;
};

}  // namespace kafkascope::cluster
