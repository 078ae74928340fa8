#include "config/name_labels.h"

#include <algorithm>

namespace kafkascope::config {

void NameLabels::add(std::string match, Labels labels) {
  rules_.push_back({Filter(std::move(match), ""), std::move(labels)});
}

NameLabels::Labels NameLabels::of(std::string_view name) const {
  Labels found;
  for (const Rule& rule : rules_) {
    if (!rule.match.matches(name)) continue;
    for (const auto& label : rule.labels)
      if (std::none_of(found.begin(), found.end(), [&](const auto& known) { return known.first == label.first; }))
        found.push_back(label);
  }
  return found;
}

}  // namespace kafkascope::config
