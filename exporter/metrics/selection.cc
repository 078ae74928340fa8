#include "metrics/selection.h"

#include <algorithm>
#include <utility>

namespace kafkascope::metrics {
namespace {

// Of families about the exporter. Some have series by cluster.
constexpr std::string_view kOwnPrefix = "kafka_exporter_";

bool matches_any(const std::vector<std::string>& globs, std::string_view text) {
  return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) { return matches(glob, text); });
}

}  // namespace

bool matches(std::string_view glob, std::string_view text) {
  size_t g = 0, t = 0;
  size_t after_star = glob.npos, retry = 0;  // where to go on when the last star has to match one character more
  while (t < text.size()) {
    if (g < glob.size() && glob[g] == '*') {
      after_star = ++g;
      retry = t;
    } else if (g < glob.size() && (glob[g] == '?' || glob[g] == text[t])) {
      ++g;
      ++t;
    } else if (after_star != glob.npos) {
      g = after_star;
      t = ++retry;
    } else {
      return false;
    }
  }
  return glob.find_first_not_of('*', g) == glob.npos;
}

Page select(const Page& page, const Selection& selection) {
  std::vector<bool> selected;  // by cluster
  for (const model::ClusterStatus& cluster : page.clusters()) {
    const auto& names = selection.clusters;
    selected.push_back(names.empty() ||
                       (cluster.kind.empty() && std::find(names.begin(), names.end(), cluster.name) != names.end()));
  }
  std::vector<PageFamily> families;
  for (const PageFamily& family : page.families()) {
    if (matches_any(selection.excluded, family.name)) continue;
    const bool wanted = family.name.starts_with(kOwnPrefix) ||
                        ((selection.names.empty() || matches_any(selection.names, family.name)) &&
                         (family.by_partition ? selection.partitions : selection.others));
    PageFamily part{family.name, family.by_partition, family.head, {}};
    for (const PageFamily::Body& body : family.bodies)
      if (body.cluster == PageFamily::kExporter || (wanted && selected[body.cluster])) part.bodies.push_back(body);
    if (!part.bodies.empty()) families.push_back(std::move(part));
  }
  return {std::move(families), page.clusters()};
}

}  // namespace kafkascope::metrics
