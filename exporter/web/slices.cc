#include "web/slices.h"

#include <civetweb.h>
#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <string>
#include <utility>

#include "web/limits.h"

namespace kafkascope::web {
namespace {

std::string decoded(std::string_view text) {
  std::string result(text.size() + 1, '\0');
  const int size = mg_url_decode(text.data(), static_cast<int>(text.size()), result.data(),
                                 static_cast<int>(result.size()), /*is_form_url_encoded=*/1);
  result.resize(static_cast<size_t>(std::max(size, 0)));
  return result;
}

void check_cluster(const std::string& name, const std::vector<model::ClusterStatus>& clusters) {
  std::vector<std::string> names;
  for (const model::ClusterStatus& cluster : clusters)
    if (cluster.kind.empty() && !cluster.name.empty()) names.push_back(cluster.name);
  if (std::find(names.begin(), names.end(), name) != names.end()) return;
  if (names.empty()) throw std::invalid_argument("cluster: the only cluster has no name");
  throw std::invalid_argument(fmt::format("cluster: there is no such cluster; there are: {}", fmt::join(names, ", ")));
}

void select_granularity(const std::string& value, metrics::Selection& selection) {
  if (value != "topic" && value != "partition")
    throw std::invalid_argument("granularity: topic (no series of single partitions) or partition (only those)");
  selection.partitions = value == "partition";
  selection.others = value == "topic";
}

}  // namespace

metrics::Selection parse_selection(std::string_view query, const std::vector<model::ClusterStatus>& clusters) {
  metrics::Selection selection;
  size_t parameters = 0;
  while (!query.empty()) {
    const std::string_view parameter = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(parameter.size() + 1, query.size()));
    if (parameter.empty()) continue;
    if (++parameters > kMaxParameters)
      throw std::invalid_argument(fmt::format("more than {} parameters", kMaxParameters));
    const size_t equals = std::min(parameter.find('='), parameter.size());
    const std::string name = decoded(parameter.substr(0, equals));
    const std::string value = decoded(parameter.substr(std::min(equals + 1, parameter.size())));
    if (name == "cluster") {
      check_cluster(value, clusters);
      selection.clusters.push_back(value);
    } else if (name == "name[]") {
      selection.names.push_back(value);
    } else if (name == "exclude[]") {
      selection.excluded.push_back(value);
    } else if (name == "granularity") {
      select_granularity(value, selection);
    } else {
      throw std::invalid_argument("unknown parameter; there are: cluster, name[], exclude[], granularity");
    }
  }
  return selection;
}

std::shared_ptr<const metrics::Page> Slices::get(const std::shared_ptr<const metrics::Page>& page,
                                                 const metrics::Selection& selection) {
  if (selection == metrics::Selection()) return page;
  if (auto kept = find(page, selection)) return kept;
  // Without the lock: others do not wait.
  auto slice = std::make_shared<const metrics::Page>(metrics::select(*page, selection));
  const std::lock_guard lock(mutex_);
  if (whole_.lock() == page) keep({selection, slice});
  return slice;
}

std::shared_ptr<const metrics::Page> Slices::find(const std::shared_ptr<const metrics::Page>& page,
                                                  const metrics::Selection& selection) {
  const std::lock_guard lock(mutex_);
  if (whole_.lock() != page) {
    slices_.clear();
    whole_ = page;
  }
  const auto kept =
      std::find_if(slices_.begin(), slices_.end(), [&](const Slice& slice) { return slice.selection == selection; });
  if (kept == slices_.end()) return nullptr;
  slices_.splice(slices_.begin(), slices_, kept);
  return kept->page;
}

void Slices::keep(Slice slice) {
  slices_.push_front(std::move(slice));
  size_t bytes = 0, kept = 0;
  const auto beyond = std::find_if(slices_.begin(), slices_.end(), [&](const Slice& next) {
    bytes += next.page->gzip().size();
    return ++kept > kMaxSlices || bytes > kMaxSliceBytes;
  });
  slices_.erase(beyond, slices_.end());
}

size_t Slices::bytes() const {
  const std::lock_guard lock(mutex_);
  size_t bytes = 0;
  for (const Slice& slice : slices_) bytes += slice.page->gzip().size();
  return bytes;
}

}  // namespace kafkascope::web
