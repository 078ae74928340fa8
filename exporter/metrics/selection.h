#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/page.h"

namespace kafkascope::metrics {

/// A part of the page.
struct Selection {
  std::vector<std::string> clusters = {};  ///< Names of Kafka clusters; empty: all, and what is none.
  std::vector<std::string> names = {};     ///< Globs of families; empty: all. Those about the exporter always match.
  std::vector<std::string> excluded = {};  ///< Globs of families.
  bool partitions = true;                  ///< With the families whose series have a `partition` label.
  bool others = true;                      ///< With the other families.

  auto operator<=>(const Selection&) const = default;
};

/// Returns whether the whole text matches. `*`: any characters; `?`: one.
bool matches(std::string_view glob, std::string_view text);

/// Returns a page of the selected families and clusters, made from the page's compressed chunks. Its clusters are those
/// of the page.
Page select(const Page& page, const Selection& selection);

}  // namespace kafkascope::metrics
