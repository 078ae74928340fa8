#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace kafkascope::cluster {

/// Caches what rules of the configuration yield for names, because matching expressions is slow.
template <class Rules>
class NameCache {
 public:
  using Found = decltype(std::declval<const Rules&>().of(std::string_view()));

  explicit NameCache(Rules rules) : rules_(std::move(rules)) {}

  bool empty() const { return rules_.empty(); }
  const Found& of(const std::string& name) {
    if (const auto found = known_.find(name); found != known_.end()) return found->second;
    return known_.emplace(name, rules_.of(name)).first->second;
  }
  /// Forgets all names once there are many more than `names`.
  void trim(size_t names) {
    if (known_.size() > 2 * names + 1000) known_.clear();
  }

 private:
  const Rules rules_;
  std::unordered_map<std::string, Found> known_;
};

}  // namespace kafkascope::cluster
