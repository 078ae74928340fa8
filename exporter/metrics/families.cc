#include "metrics/families.h"

#include <utility>

namespace kafkascope::metrics {

std::string constant_labels(const std::map<std::string, std::string>& labels, const std::string& cluster) {
  std::string text;
  if (!cluster.empty()) text = label("kafka_cluster", cluster);
  for (const auto& [key, value] : labels) text.append(text.empty() ? "" : ",").append(label(key, value));
  return text;
}

void Families::begin(const model::Options& options) {
  disabled_ = options.disabled_families;
  by_partition_ = options.by_partition;
}

void Families::family(const Head& head, const std::function<void(Samples&)>& write) {
  if ((head.by_partition && !by_partition_) || disabled_.contains(head.name)) return;
  text_.clear();
  Samples samples(head, constant_, text_, counting_);
  write(samples);

  const size_t i = now_.size();
  const bool known = i < last_.size() && last_[i].name == head.name;
  Family& family = now_.emplace_back();
  family.name = head.name;
  family.head = known ? last_[i].head : compressor_.compress(head_text(head), 0, nullptr);
  family.body = compressor_.compress(text_, samples.count(), known ? last_[i].body : nullptr);
}

std::vector<Family> Families::take() {
  held_ = std::exchange(counting_, {});
  last_ = std::exchange(now_, {});
  return last_;
}

}  // namespace kafkascope::metrics
