#include "metrics/family_writer.h"

#include <utility>

namespace kafkascope::metrics {

std::string constant_labels(const std::map<std::string, std::string>& labels, const model::TargetName& target) {
  std::string text;
  if (!target.name.empty()) text = label(target.label, target.name);
  for (const auto& [key, value] : labels)
    if (key != target.label || target.name.empty()) text.append(text.empty() ? "" : ",").append(label(key, value));
  return text;
}

void FamilyWriter::begin(const model::Options& options) {
  now_.clear();  // after an exception during the last page
  counting_ = {};
  disabled_ = options.disabled_families;
  by_partition_ = options.by_partition;
  max_series_ = options.max_series;
}

void FamilyWriter::family(const FamilyDescription& head, const std::function<void(SampleWriter&)>& write) {
  if ((head.by_partition && !by_partition_) || disabled_.contains(head.name)) return;
  const size_t i = now_.size();
  const Written* last = i < last_.size() && last_[i].family.name == head.name ? &last_[i] : nullptr;
  const bool left_out = left_out_.contains(head.name);
  if (last && head.input_hash != 0 && last->input_hash == head.input_hash && (left_out || last->family.body)) {
    now_.push_back(*last);
    now_.back().size.left_out = left_out;
    return;
  }
  text_.clear();
  SampleWriter::Held held;
  SampleWriter samples(head, constant_, text_, held);
  write(samples);
  const bool any_held = !held.empty();  // counted for each page, so not reused

  Written& now = now_.emplace_back();
  now.size = {samples.count(), samples.most_labels(), left_out};
  now.input_hash = any_held ? 0 : head.input_hash;
  now.family.name = head.name;
  now.family.by_partition = head.by_partition;
  now.family.head = last ? last->family.head : compressor_.compress(description_text(head), 0, nullptr);
  if (left_out) return;
  for (const auto& [collector, series] : held) counting_[collector] += series;
  now.family.body = compressor_.compress(text_, samples.count(), last ? last->family.body : nullptr);
}

std::vector<Family> FamilyWriter::take() {
  apply_limit();
  held_ = std::exchange(counting_, {});
  last_ = std::exchange(now_, {});
  std::vector<Family> families;
  families.reserve(last_.size());
  for (const auto& written : last_) families.push_back(written.family);
  return families;
}

void FamilyWriter::apply_limit() {
  dropped_.clear();
  left_out_.clear();
  if (max_series_ == 0) return;
  std::vector<FamilySize> sizes;
  sizes.reserve(now_.size());
  for (const auto& written : now_) sizes.push_back(written.size);
  const auto out = leave_out(sizes, max_series_);
  for (size_t i = 0; i < sizes.size(); ++i) {
    auto& family = now_[i].family;
    if (out[i]) {
      left_out_.insert(family.name);
      family.body = nullptr;
    }
    if (!family.body && sizes[i].series > 0) dropped_[family.name] = sizes[i].series;
  }
}

}  // namespace kafkascope::metrics
