#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace kafkascope::metrics {

/// A family before the limit is applied.
struct FamilySize {
  size_t series;
  size_t labels;  ///< Maximum number of labels of a series, without the constant ones.
  bool left_out;  ///< It was left out of the last page.
};

/// Returns which families to leave out to keep at most `limit` series: those with the most labels first, since sums
/// contain the same in short, and of these the later ones on the page. Keeps families that would save next to nothing
/// and those without labels, such as kafka_up. A family that was left out returns only when there is spare room, so
/// that graphs do not flap.
std::vector<bool> leave_out(std::span<const FamilySize> families, size_t limit);

}  // namespace kafkascope::metrics
