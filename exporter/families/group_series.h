#pragma once

#include <algorithm>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "families/page_sections.h"

// Shared by the files about consumer groups.
namespace kafkascope::families {

/// A group and one of its topics.
struct GroupTopicView {
  const model::GroupSnapshot& group;
  const model::GroupTopic& figures;
  std::span<const model::GroupPartition> rows;
  std::span<const model::PartitionRef> assigned;
};

/// Writes families of all groups that are shown. Calls `write` with the subject of a series and a function that begins
/// the series; `write` sets its value, or does not call the function.
class GroupSeries {
 public:
  explicit GroupSeries(const PageContext& w) : GroupSeries(w, "consumergroup", "") {}

  /// With other labels: `key` instead of consumergroup, and `constant` made by label(). Empty `key`: no groups.
  GroupSeries(const PageContext& w, std::string_view key, std::string constant) : w(w), constant_(std::move(constant)) {
    if (key.empty() || !w.snapshot.metadata) return;
    for (size_t i = 0; i < w.snapshot.groups.size(); ++i)
      if (const auto& group = w.snapshot.groups[i]; group.shown)
        groups_.push_back({&group, &w.figures.groups[i], label(key, group.group.id), i});
  }

  /// Writes a family by group: write(group, series).
  template <class Write>
  void by_group(const FamilyDescription& head, const Write& write) const {
    w.out.family(head, [&](SampleWriter& s) {
      for (const auto& shown : groups_) write(*shown.group, [&]() -> SampleWriter& { return begin(s, shown); });
    });
  }

  /// Writes the labels from the configuration.
  void configured_labels(const FamilyDescription& head) const {
    w.out.family(head, [&](SampleWriter& s) {
      if (w.figures.group_labels.empty()) return;
      for (const auto& shown : groups_)
        if (const auto& labels = w.figures.group_labels[shown.index]; !labels.empty())
          with_labels(begin(s, shown), labels).value(int64_t{1}, shown.group->held());
    });
  }

  void by_group(const FamilyDescription& head, model::Value model::GroupFigures::*of) const {
    w.out.family(head, [&](SampleWriter& s) {
      for (const auto& shown : groups_)
        if (const auto& value = shown.figures->*of; value.known()) begin(s, shown).value(value);
    });
  }

  /// Writes a family by group of values that are not negative.
  void by_group(const FamilyDescription& head, double model::GroupFigures::*of, bool held) const {
    w.out.family(head, [&](SampleWriter& s) {
      for (const auto& shown : groups_)
        if (const double value = shown.figures->*of; value >= 0)
          begin(s, shown).value(value, held || shown.group->held());
    });
  }

  /// Writes a family by group and topic: write(group topic, series).
  template <class Write>
  void by_topic(const FamilyDescription& head, const Write& write) const {
    w.out.family(head, [&](SampleWriter& s) {
      for (const auto& shown : groups_)
        for_each_topic(shown, [&](const GroupTopicView& part) {
          write(part, [&]() -> SampleWriter& { return begin(s, shown).with(w.topics[part.figures.topic]); });
        });
    });
  }

  /// Writes a family by group, topic and partition: write(group topic, series), series(partition).
  template <class Write>
  void by_partitions_of_topic(FamilyDescription head, const Write& write) const {
    head.by_partition = true;
    w.out.family(head, [&](SampleWriter& s) {
      for (const auto& shown : groups_)
        for_each_topic(shown, [&](const GroupTopicView& part) {
          write(part, [&](int32_t p) -> SampleWriter& {
            return begin(s, shown).with(w.topics[part.figures.topic]).with("partition", p);
          });
        });
    });
  }

  /// Writes a family by partition with a committed offset: write(row, series).
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
    size_t index;  ///< In Snapshot::groups.
  };

  SampleWriter& begin(SampleWriter& samples, const Shown& shown) const {
    return samples.with(constant_).with(shown.label);
  }

  template <class Each>
  void for_each_topic(const Shown& shown, const Each& each) const {
    const std::span<const model::GroupPartition> rows = shown.group->partitions;
    const std::span<const model::PartitionRef> assigned = shown.group->group.assigned;
    const std::span<const model::GroupTopic> topics = w.figures.group_topics;
    for (const auto& topic : topics.subspan(shown.figures->first_topic, shown.figures->topics))
      each(GroupTopicView{*shown.group, topic, rows.subspan(topic.first_row, topic.rows),
                          assigned.subspan(topic.first_assigned, topic.assigned)});
  }

  const std::string constant_;
  std::vector<Shown> groups_;
};

/// Returns the collector whose failure makes the lag of a row a held value.
inline model::Collector lag_held_by(const model::GroupPartition& row) {
  return row.committed.held() ? model::Collector::kGroupOffsets : model::Collector::kOffsets;
}

/// Returns the row with the largest known value of a member; null: none is known.
inline const model::GroupPartition* largest(std::span<const model::GroupPartition> rows,
                                            float model::GroupPartition::*figure) {
  const model::GroupPartition* most = nullptr;
  for (const model::GroupPartition& row : rows)
    if (row.lag.known() && row.*figure >= 0 && (!most || row.*figure > most->*figure)) most = &row;
  return most;
}

void write_group_lag(const GroupSeries& groups);
void write_group_time(const GroupSeries& groups);
void write_group_members(const GroupSeries& groups);

}  // namespace kafkascope::families
