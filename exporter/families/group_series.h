#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "families/page_sections.h"

// What the files about consumer groups share.
namespace kafkascope::families {

/// What a group has to do with a topic that it reads: one that it has committed on or that its members are assigned.
struct GroupTopic {
  const model::GroupSnapshot& group;
  uint32_t topic;
  std::span<const model::GroupPartition> rows;
  std::span<const model::PartitionRef> assigned;
};

/// The groups of a snapshot that are shown, and how their series are written. `write` is called with what a series is
/// about, and with a function that begins the series: it gives it its value, or does not.
class GroupSeries {
 public:
  explicit GroupSeries(const PageContext& w) : w(w) {
    if (!w.snapshot.metadata) return;
    for (const auto& group : w.snapshot.groups)
      if (group.shown) groups_.push_back({&group, label("consumergroup", group.group.id)});
  }

  /// A family with series for each group: write(group, series).
  template <class Write>
  void by_group(const FamilyDescription& head, const Write& write) const {
    w.out.family(head, [&](SampleWriter& s) {
      for (const auto& [group, label] : groups_)
        write(*group, [&s, &label = label]() -> SampleWriter& { return s.with(label); });
    });
  }

  /// The same for each topic that a group reads: write(group's topic, series).
  template <class Write>
  void by_topic(const FamilyDescription& head, const Write& write) const {
    w.out.family(head, [&](SampleWriter& s) {
      for (const auto& [group, label] : groups_)
        for_each_topic(*group, [&, &label = label](const GroupTopic& part) {
          write(part, [&]() -> SampleWriter& { return s.with(label).with(w.topics[part.topic]); });
        });
    });
  }

  /// The same for each topic that a group has committed on, where `write` begins a series with a partition:
  /// write(group's topic, series), series(partition).
  template <class Write>
  void by_partitions_of_topic(FamilyDescription head, const Write& write) const {
    head.by_partition = true;
    w.out.family(head, [&](SampleWriter& s) {
      for (const auto& [group, label] : groups_)
        for_each_topic(*group, [&, &label = label](const GroupTopic& part) {
          write(part, [&](int32_t p) -> SampleWriter& {
            return s.with(label).with(w.topics[part.topic]).with("partition", p);
          });
        });
    });
  }

  /// The same for each partition that a group has committed on: write(row, series).
  template <class Write>
  void by_partition(const FamilyDescription& head, const Write& write) const {
    by_partitions_of_topic(head, [&](const GroupTopic& part, const auto& series) {
      for (const auto& row : part.rows) write(row, [&]() -> SampleWriter& { return series(row.partition.partition); });
    });
  }

  const PageContext& w;

 private:
  struct Shown {
    const model::GroupSnapshot* group;
    std::string label;
  };

  template <class Each>
  static void for_each_topic(const model::GroupSnapshot& group, const Each& each) {
    std::span<const model::GroupPartition> rows = group.partitions;
    std::span<const model::PartitionRef> assigned = group.group.assigned;
    while (!rows.empty() || !assigned.empty()) {
      const uint32_t topic = std::min(rows.empty() ? model::kNoTopic : rows.front().partition.topic,
                                      assigned.empty() ? model::kNoTopic : assigned.front().topic);
      const auto row = std::find_if(rows.begin(), rows.end(), [&](auto& r) { return r.partition.topic != topic; });
      const auto owned = std::find_if(assigned.begin(), assigned.end(), [&](auto& ref) { return ref.topic != topic; });
      each(GroupTopic{group, topic, {rows.begin(), row}, {assigned.begin(), owned}});
      rows = {row, rows.end()};
      assigned = {owned, assigned.end()};
    }
  }

  std::vector<Shown> groups_;
};

/// Whose missing answer makes what was computed from this commit and the end of its partition a held one.
inline model::Collector lag_held_by(const model::GroupPartition& row) {
  return row.committed.held() ? model::Collector::kGroupOffsets : model::Collector::kOffsets;
}

void write_group_lag(const GroupSeries& groups);
void write_group_time(const GroupSeries& groups);
void write_group_members(const GroupSeries& groups);

}  // namespace kafkascope::families
