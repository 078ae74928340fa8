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
  max_series_ = options.max_series;
}

void Families::family(const Head& head, const std::function<void(Samples&)>& write) {
  if ((head.by_partition && !by_partition_) || disabled_.contains(head.name)) return;
  text_.clear();
  const bool left_out = left_out_.contains(head.name);
  Samples::Held unseen{};
  Samples samples(head, constant_, text_, left_out ? unseen : counting_);
  write(samples);
  sizes_.push_back({samples.count(), samples.most_labels(), left_out});

  const size_t i = now_.size();
  const bool known = i < last_.size() && last_[i].name == head.name;
  Family& family = now_.emplace_back();
  family.name = head.name;
  family.head = known ? last_[i].head : compressor_.compress(head_text(head), 0, nullptr);
  if (!left_out) family.body = compressor_.compress(text_, samples.count(), known ? last_[i].body : nullptr);
}

std::vector<Family> Families::take() {
  apply_limit();
  held_ = std::exchange(counting_, {});
  last_ = std::exchange(now_, {});
  return last_;
}

void Families::apply_limit() {
  const auto sizes = std::exchange(sizes_, {});
  dropped_.clear();
  left_out_.clear();
  if (max_series_ == 0) return;
  const auto out = leave_out(sizes, max_series_);
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (out[i]) {
      left_out_.insert(now_[i].name);
      now_[i].body = nullptr;
    }
    if (!now_[i].body && sizes[i].series > 0) dropped_[now_[i].name] = sizes[i].series;
  }
}

}  // namespace kafkascope::metrics
