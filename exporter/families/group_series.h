#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <vector>

#include "families/page_sections.h"

// What the files about consumer groups share.
namespace kafkascope::families {

/// A topic that a group reads.
struct GroupTopicView {
  const model::GroupSnapshot& group;
  const model::GroupTopic& figures;
  std::span<const model::GroupPartition> rows;
  std::span<const model::PartitionRef> assigned;
};

/// The groups of a snapshot that are shown, and how their series are written. `write` is called with what a series is
/// about, and with a function that begins the series: it gives it its value, or does not.
class GroupSeries {
 public:
  explicit GroupSeries(const PageContext& w) : w(w) {
    if (!w.snapshot.metadata) return;
    for (size_t i = 0; i < w.snapshot.groups.size(); ++i)
      if (const auto& group = w.snapshot.groups[i]; group.shown)
        groups_.push_back({&group, &w.figures.groups[i], label("consumergroup", group.group.id)});
  }

  /// A family with series for each group: write(group, series).
  template <class Write>
  void by_group(const FamilyDescription& head, const Write& write) const {
    w.out.family(head, [&](SampleWriter& s) {
      for (const auto& shown : groups_)
        write(*shown.group, [&s, &label = shown.label]() -> SampleWriter& { return s.with(label); });
    });
  }

  void by_group(const FamilyDescription& head, model::Value model::GroupFigures::*of) const {
    w.out.family(head, [&](SampleWriter& s) {
      for (const auto& shown : groups_)
        if (const auto& value = shown.figures->*of; value.known()) s.with(shown.label).value(value);
    });
  }

  /// The same for each topic that a group reads: write(group's topic, series).
  template <class Write>
  void by_topic(const FamilyDescription& head, const Write& write) const {
    w.out.family(head, [&](SampleWriter& s) {
      for (const auto& shown : groups_)
        for_each_topic(shown, [&, &label = shown.label](const GroupTopicView& part) {
          write(part, [&]() -> SampleWriter& { return s.with(label).with(w.topics[part.figures.topic]); });
        });
    });
  }

  /// The same for each topic that a group has committed on, where `write` begins a series with a partition:
  /// write(group's topic, series), series(partition).
  template <class Write>
  void by_partitions_of_topic(FamilyDescription head, const Write& write) const {
    head.by_partition = true;
    w.out.family(head, [&](SampleWriter& s) {
      for (const auto& shown : groups_)
        for_each_topic(shown, [&, &label = shown.label](const GroupTopicView& part) {
          write(part, [&](int32_t p) -> SampleWriter& {
            return s.with(label).with(w.topics[part.figures.topic]).with("partition", p);
          });
        });
    });
  }

  /// The same for each partition that a group has committed on: write(row, series).
  template <class Write>
  void by_partition(const FamilyDescription& head, const Write& write) const {
    by_partitions_of_topic(head, [&](const GroupTopicView& part, const auto& series) {
      for (const auto& row : part.rows) write(row, [&]() -> SampleWriter& { return series(row.partition.partition); });
    });
  }

  const PageContext& w;

 private:
  struct Shown {
    const model::GroupSnapshot* group;
    const model::GroupFigures* figures;
    std::string label;
  };

  template <class Each>
  void for_each_topic(const Shown& shown, const Each& each) const {
    const std::span<const model::GroupPartition> rows = shown.group->partitions;
    const std::span<const model::PartitionRef> assigned = shown.group->group.assigned;
    const std::span<const model::GroupTopic> topics = w.figures.group_topics;
    for (const auto& topic : topics.subspan(shown.figures->first_topic, shown.figures->topics))
      each(GroupTopicView{*shown.group, topic, rows.subspan(topic.first_row, topic.rows),
                          assigned.subspan(topic.first_assigned, topic.assigned)});
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
