#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/filter.h"

namespace kafkascope::config {

/// Labels that the user gives to topics or groups by expressions on their names. Thread-safe, like Filter.
class NameLabels {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;

  /// Adds labels of the names that `match` matches. Throws std::invalid_argument for an invalid expression.
  void add(std::string match, Labels labels);

  /// Returns the labels of a name. Of several expressions the first that has a label sets it.
  Labels of(std::string_view name) const;
  bool empty() const { return rules_.empty(); }
  bool operator==(const NameLabels&) const = default;

 private:
  struct Rule {
    Filter match;
    Labels labels;
    bool operator==(const Rule&) const = default;
  };
  std::vector<Rule> rules_;
};

}  // namespace kafkascope::config
