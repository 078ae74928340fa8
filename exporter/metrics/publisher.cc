#include "metrics/publisher.h"

#include <algorithm>
#include <iterator>
#include <list>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace kafkascope::metrics {
namespace {

bool has_series(const Family& family) { return family.body && family.body->series > 0; }

// Families in page order, each once. A family that only a later cluster has follows the one before it in that cluster.
class Merger {
 public:
  void add(const std::vector<Family>& families, size_t cluster) { insert(families, cluster, families_.begin()); }
  /// Adds the exporter's own families at the end.
  void add_own(const std::vector<Family>& families) { insert(families, PageFamily::kExporter, families_.end()); }

  std::vector<PageFamily> take() {
    by_name_.clear();
    return {std::move_iterator(families_.begin()), std::move_iterator(families_.end())};
  }

 private:
  void insert(const std::vector<Family>& families, size_t cluster, std::list<PageFamily>::iterator next) {
    for (const Family& family : families) {
      if (!has_series(family)) continue;
      auto [known, is_new] = by_name_.try_emplace(family.name);
      if (is_new) known->second = families_.insert(next, PageFamily{family.name, family.by_partition, family.head, {}});
      known->second->bodies.push_back({cluster, family.body});
      next = std::next(known->second);
    }
  }

  std::list<PageFamily> families_;
  std::unordered_map<std::string_view, std::list<PageFamily>::iterator> by_name_;
};

}  // namespace

Publisher::Publisher(OwnFamilies own) : own_families_(std::move(own)) {
  const std::lock_guard lock(build_mutex_);
  renew_own();
  rebuild();
}

Publisher::Target* Publisher::find(const model::TargetName& name) {
  const auto target = std::find_if(targets_.begin(), targets_.end(), [&](auto& target) { return target.name == name; });
  return target == targets_.end() ? nullptr : &*target;
}

void Publisher::add(const model::TargetName& name, TargetPage page) {
  const std::lock_guard lock(build_mutex_);
  if (Target* target = find(name))
    target->page = std::move(page);
  else
    targets_.push_back({name, std::move(page)});
  renew_own();
  rebuild();
}

void Publisher::remove(const model::TargetName& name) {
  const std::lock_guard lock(build_mutex_);
  std::erase_if(targets_, [&](auto& target) { return target.name == name; });
  renew_own();
  rebuild();
}

void Publisher::publish(const model::TargetName& name, TargetPage page) {
  const std::lock_guard lock(build_mutex_);
  Target* target = find(name);
  if (!target) return;
  renew_own();
  target->page = std::move(page);
  rebuild();
}

void Publisher::drop(const model::TargetName& name, std::vector<Family> replacement) {
  const std::lock_guard lock(build_mutex_);
  Target* target = find(name);
  if (!target) return;
  target->page.families = std::move(replacement);
  target->page.status.up = false;
  target->page.status.polled = true;
  rebuild();  // keep the own families of the last page: making them may be what failed
}

void Publisher::refresh(std::chrono::steady_clock::time_point since) {
  const std::lock_guard lock(build_mutex_);
  if (own_made_ > since) return;
  renew_own();
  rebuild();
}

void Publisher::renew_own() {
  own_ = own_families_(*page());
  own_made_ = std::chrono::steady_clock::now();
}

std::shared_ptr<const Page> Publisher::page() const {
  const std::lock_guard lock(page_mutex_);
  return page_;
}

void Publisher::rebuild() {
  Merger merger;
  std::vector<model::ClusterStatus> statuses;
  for (const Target& target : targets_) {
    merger.add(target.page.families, statuses.size());
    statuses.push_back(target.page.status);
  }
  merger.add_own(own_);
  auto next = std::make_shared<const Page>(merger.take(), std::move(statuses));

  {
    const std::lock_guard lock(page_mutex_);
    page_.swap(next);
  }
  // The last page, if unused, is freed here, after page_mutex_ is released.
}

}  // namespace kafkascope::metrics
