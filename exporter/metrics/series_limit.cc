#include "metrics/series_limit.h"

#include <algorithm>
#include <numeric>

namespace kafkascope::metrics {

std::vector<bool> leave_out(std::span<const FamilySize> families, size_t limit) {
  const size_t too_small = limit / 100, with_room_to_spare = limit - limit / 20;
  std::vector<size_t> order(families.size());
  std::iota(order.rbegin(), order.rend(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return families[a].labels > families[b].labels; });
  size_t left = 0;
  for (const auto& family : families) left += family.series;

  std::vector<bool> out(families.size(), false);
  for (const size_t i : order) {
    if (left <= with_room_to_spare) break;
    if (left <= limit && !families[i].left_out) continue;
    if (families[i].labels == 0 || families[i].series <= too_small) continue;
    out[i] = true;
    left -= families[i].series;
  }
  return out;
}

}  // namespace kafkascope::metrics
