#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace kafkascope::metrics {

/// What a family would put on the page.
struct FamilySize {
  size_t series;
  size_t labels;  ///< The most that one of its series has, those that all series have aside.
  bool left_out;  ///< It was, of the page before.
};

/// Which families to leave out, so that no more than `limit` series are left: those with the most labels first, for
/// sums tell the same in short, and of these the later ones on the page. Not those that would save next to nothing, nor
/// those without labels, which say whether all is well. One that was left out comes back when there is room to spare,
/// or graphs would tear.
std::vector<bool> leave_out(std::span<const FamilySize> families, size_t limit);

}  // namespace kafkascope::metrics
