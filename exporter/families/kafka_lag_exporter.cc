#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "families/group_series.h"
#include "families/topic_series.h"

// The metrics of kafka-lag-exporter 0.8, which is archived, and of others that took its names. Off by default.
namespace kafkascope::families {

using model::Collector;
using model::GroupPartition;
using model::GroupSnapshot;
using model::Member;
using model::PartitionRef;
using model::Value;

namespace {

/// Labels of the members that partitions are assigned to.
class OwnerLabels {
 public:
  OwnerLabels(const PageContext& w, bool enabled) {
    if (!enabled || !w.snapshot.metadata) return;
    first_ = w.snapshot.groups.data();
    groups_.resize(w.snapshot.groups.size());
    for (size_t g = 0; g < groups_.size(); ++g) add(w.snapshot.groups[g].group.member_list, groups_[g]);
  }

  SampleWriter& add(SampleWriter& samples, const GroupSnapshot& group, PartitionRef partition) const {
    const Owners& owners = groups_[static_cast<size_t>(&group - first_)];
    const auto owner = std::lower_bound(owners.partitions.begin(), owners.partitions.end(), partition,
                                        [](const auto& entry, PartitionRef wanted) { return entry.first < wanted; });
    const bool found = owner != owners.partitions.end() && owner->first == partition;
    const Labels& labels = found ? owners.labels[owner->second] : unknown_;
    return samples.with(labels.host).with(labels.id).with(labels.client);
  }

 private:
  struct Labels {
    std::string host, id, client;
  };
  struct Owners {
    std::vector<Labels> labels;                               // by member
    std::vector<std::pair<PartitionRef, size_t>> partitions;  // with the index of the member; sorted
  };

  static Labels labels(const std::string& host, const std::string& id, const std::string& client) {
    return {label("member_host", host), label("consumer_id", id), label("client_id", client)};
  }

  static void add(const std::vector<Member>& members, Owners& owners) {
    for (const Member& member : members) {
      for (const PartitionRef& partition : member.assigned)
        owners.partitions.emplace_back(partition, owners.labels.size());
      owners.labels.push_back(labels(member.host, member.id, member.client_id));
    }
    std::sort(owners.partitions.begin(), owners.partitions.end());
  }

  const GroupSnapshot* first_ = nullptr;
  std::vector<Owners> groups_;  // by index in Snapshot::groups
  const Labels unknown_ = labels("unknown", "unknown", "unknown");
};

/// Returns, by partition number, which partitions a group has committed or has assigned to a member.
std::vector<bool> partitions_read(const PageContext& w) {
  std::vector<bool> read(w.snapshot.metadata->partition_count);
  const auto note = [&](const PartitionRef& partition) {
    read[w.snapshot.metadata->topics[partition.topic].first_partition + static_cast<uint32_t>(partition.partition)] =
        true;
  };
  for (const auto& group : w.snapshot.groups) {
    if (!group.shown) continue;
    for (const auto& row : group.partitions) note(row.partition);
    for (const auto& partition : group.group.assigned) note(partition);
  }
  return read;
}

/// Returns the label cluster_name.
std::string cluster_label(const PageContext& w) {
  if (!w.options.cluster_name.empty() || !w.snapshot.metadata) return label("cluster_name", w.options.cluster_name);
  return label("cluster_name", w.snapshot.metadata->cluster_id);
}

void write_partitions(const PageContext& w, const std::string& cluster, bool enabled) {
  const TopicSeries topics(w);
  std::vector<bool> read;
  if (enabled && w.snapshot.metadata) read = partitions_read(w);
  const auto offsets = [&](std::string_view name, std::string_view help, const std::vector<Value>& values) {
    const FamilyDescription head{.name = name, .help = help, .collector = Collector::kOffsets, .by_partition = true};
    if (read.empty()) return w.out.family(head, [](SampleWriter&) {});
    topics.by_partition(head, [&](const model::Topic& topic, uint32_t p, const auto& series) {
      const size_t number = topic.first_partition + p;
      if (read[number] && values[number].known()) series().with(cluster).value(values[number]);
    });
  };
  offsets("kafka_partition_latest_offset",
          "kafka_topic_partition_current_offset under kafka-lag-exporter's name, for partitions that a group reads.",
          w.snapshot.latest);
  offsets("kafka_partition_earliest_offset",
          "kafka_topic_partition_oldest_offset under kafka-lag-exporter's name, for partitions that a group reads.",
          w.snapshot.earliest);
}

/// Returns the sum of the lag on all partitions of a group; unknown if the lag of one is.
Value sum_of_lag(const GroupSnapshot& group) {
  if (group.partitions.empty()) return {};
  Value sum{0, {}};
  for (const GroupPartition& row : group.partitions) {
    if (!row.lag.known()) return {};
    sum.value += row.lag.value;
    if (row.lag.held()) sum.failing_since = row.lag.failing_since;
  }
  return sum;
}

void write_group_sums(const GroupSeries& groups) {
  groups.by_group({"kafka_consumergroup_group_max_lag", "kafka_consumergroup_max_lag under kafka-lag-exporter's name.",
                   Type::kGauge, Collector::kOffsets},
                  &model::GroupFigures::max_lag);
  groups.by_group(
      {"kafka_consumergroup_group_max_lag_seconds",
       "kafka_consumergroup_max_lag_seconds under kafka-lag-exporter's name.", Type::kGauge, Collector::kOffsets},
      [](const GroupSnapshot& group, const auto& series) {
        if (const auto* row = largest(group.partitions, &GroupPartition::lag_seconds))
          series().value(row->lag_seconds, row->lag.held(), lag_held_by(*row));
      });
  groups.by_group({"kafka_consumergroup_group_sum_lag",
                   "Sum of kafka_consumergroup_lag over all partitions of the group, under kafka-lag-exporter's name.",
                   Type::kGauge, Collector::kOffsets},
                  [](const GroupSnapshot& group, const auto& series) {
                    if (const Value sum = sum_of_lag(group); sum.known()) series().value(sum);
                  });
  groups.by_topic({"kafka_consumergroup_group_topic_sum_lag",
                   "kafka_consumergroup_lag_sum under kafka-lag-exporter's name.", Type::kGauge, Collector::kOffsets},
                  [](const GroupTopicView& part, const auto& series) {
                    if (part.figures.lag.known()) series().value(part.figures.lag);
                  });
}

void write_group_partitions(const GroupSeries& groups, const OwnerLabels& owners) {
  /// Writes a family by partition with a committed offset, with the labels of its owner: write(row, series).
  const auto by_partition = [&](std::string_view name, std::string_view help, Collector collector, const auto& write) {
    groups.by_partitions_of_topic({name, help, Type::kGauge, collector},
                                  [&](const GroupTopicView& part, const auto& series) {
                                    for (const GroupPartition& row : part.rows)
                                      write(row, [&]() -> SampleWriter& {
                                        return owners.add(series(row.partition.partition), part.group, row.partition);
                                      });
                                  });
  };
  by_partition("kafka_consumergroup_group_offset",
               "kafka_consumergroup_current_offset under kafka-lag-exporter's name, with the member that the partition "
               "is assigned to.",
               Collector::kGroupOffsets, [](const GroupPartition& row, const auto& series) {
                 if (row.committed.known()) series().value(row.committed);
               });
  by_partition("kafka_consumergroup_group_lag",
               "kafka_consumergroup_lag under kafka-lag-exporter's name, with the member that the partition is "
               "assigned to.",
               Collector::kOffsets, [](const GroupPartition& row, const auto& series) {
                 if (row.lag.known()) series().value(row.lag.value, row.lag.held(), lag_held_by(row));
               });
  by_partition("kafka_consumergroup_group_lag_seconds",
               "kafka_consumergroup_lag_seconds under kafka-lag-exporter's name, with the member that the partition is "
               "assigned to.",
               Collector::kOffsets, [](const GroupPartition& row, const auto& series) {
                 if (row.lag.known() && row.lag_seconds >= 0)
                   series().value(row.lag_seconds, row.lag.held(), lag_held_by(row));
               });
}

}  // namespace

void write_kafka_lag_exporter(const PageContext& w) {
  const bool enabled = w.options.kafka_lag_exporter;
  const std::string cluster = enabled ? cluster_label(w) : "";
  write_partitions(w, cluster, enabled && w.options.by_partition);
  const GroupSeries groups(w, enabled ? "group" : "", cluster);
  write_group_sums(groups);
  write_group_partitions(groups, OwnerLabels(w, enabled && w.options.by_partition));
  w.out.family(
      {"kafka_consumergroup_poll_time_ms",
       "Duration of the last poll in milliseconds, under kafka-lag-exporter's name.", Type::kGauge, Collector::kGroups},
      [&](SampleWriter& s) {
        if (enabled && w.snapshot.metadata && w.snapshot.poll_seconds >= 0)
          s.with(cluster).value(static_cast<int64_t>(std::lround(w.snapshot.poll_seconds * 1000)));
      });
}

}  // namespace kafkascope::families
