#include "kafka/collect/reconciliation.h"

#include <algorithm>
#include <compare>
#include <iterator>
#include <string_view>
#include <vector>

namespace kafkascope::kafka {
namespace {

using protocol::AssignedTopic;

struct Ownership {
  std::string_view topic;
  int32_t partition;
  size_t member;

  auto operator<=>(const Ownership&) const = default;
};

/// Returns whether both have the same partitions in the same order, as the coordinator returns them if nothing moves.
bool identical(const std::vector<AssignedTopic>& a, const std::vector<AssignedTopic>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const AssignedTopic& x, const AssignedTopic& y) {
    if (x.name != y.name || x.partitions.size() != y.partitions.size()) return false;
    for (size_t i = 0; i < x.partitions.size(); ++i)
      if (x.partitions[i] != y.partitions[i]) return false;
    return true;
  });
}

void add(const std::vector<AssignedTopic>& topics, size_t member, std::vector<Ownership>& ownerships) {
  for (const auto& topic : topics)
    for (size_t i = 0; i < topic.partitions.size(); ++i)
      ownerships.push_back({topic.name, topic.partitions[i], member});
}

}  // namespace

int32_t members_behind(const protocol::ConsumerGroupDescription& group) {
  return static_cast<int32_t>(std::count_if(group.members.begin(), group.members.end(),
                                            [&](const auto& member) { return member.epoch < group.epoch; }));
}

int32_t unreconciled_partitions(const protocol::ConsumerGroupDescription& group) {
  std::vector<Ownership> assigned, target, different;
  for (size_t m = 0; m < group.members.size(); ++m) {
    const auto& member = group.members[m];
    if (identical(member.assignment, member.target)) continue;
    add(member.assignment, m, assigned);
    add(member.target, m, target);
  }
  std::sort(assigned.begin(), assigned.end());
  std::sort(target.begin(), target.end());
  std::set_symmetric_difference(assigned.begin(), assigned.end(), target.begin(), target.end(),
                                std::back_inserter(different));
  const auto last = std::unique(different.begin(), different.end(), [](const Ownership& a, const Ownership& b) {
    return a.topic == b.topic && a.partition == b.partition;  // it moves from one member to another
  });
  return static_cast<int32_t>(last - different.begin());
}

}  // namespace kafkascope::kafka
