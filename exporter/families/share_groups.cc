#include <string>
#include <vector>

#include "families/page_sections.h"

namespace kafkascope::families {

using model::Collector;
using model::ShareGroupSnapshot;
using model::Value;

void write_share_groups(const PageContext& w) {
  static const std::vector<ShareGroupSnapshot> kNone;
  const auto& groups = w.snapshot.metadata ? w.snapshot.share_groups : kNone;
  std::vector<std::string> labels;
  labels.reserve(groups.size());
  for (const auto& group : groups) labels.push_back(label("sharegroup", group.group.id));

  const auto by_group = [&](std::string_view name, std::string_view help, const auto& write) {
    w.out.family({name, help, Type::kGauge, Collector::kShareGroups}, [&](SampleWriter& s) {
      for (size_t g = 0; g < groups.size(); ++g) write(groups[g], [&]() -> SampleWriter& { return s.with(labels[g]); });
    });
  };
  const auto by_partition = [&](std::string_view name, std::string_view help, Value ShareGroupSnapshot::Row::*of) {
    FamilyDescription head{name, help, Type::kGauge, Collector::kShareGroups};
    head.by_partition = true;
    w.out.family(head, [&](SampleWriter& s) {
      for (size_t g = 0; g < groups.size(); ++g)
        for (const auto& row : groups[g].rows)
          if (const Value& value = row.*of; value.known())
            s.with(labels[g])
                .with(w.topics[row.partition.topic])
                .with("partition", row.partition.partition)
                .value(value);
    });
  };

  by_group("kafka_sharegroup_info", "A share group and its coordinator. Always 1.",
           [](const ShareGroupSnapshot& group, const auto& series) {
             series().with("coordinator", group.group.coordinator).value(int64_t{1}, group.held());
           });
  by_group("kafka_sharegroup_state", "The share group's state as reported by Kafka. Always 1.",
           [](const ShareGroupSnapshot& group, const auto& series) {
             if (!group.group.state.empty())
               series().with(label("state", group.group.state)).value(int64_t{1}, group.held());
           });
  by_group("kafka_sharegroup_members",
           "Number of members of the share group. Absent if it could not be read and the last value has expired.",
           [](const ShareGroupSnapshot& group, const auto& series) {
             if (group.group.members >= 0) series().value(int64_t{group.group.members}, group.held());
           });
  by_partition(
      "kafka_sharegroup_start_offset",
      "The share group's start offset (SPSO) on the partition. Absent if the group has not read the partition yet.",
      &ShareGroupSnapshot::Row::start_offset);
  by_partition("kafka_sharegroup_lag",
               "Number of records of the partition that the share group has not finished. Absent before Kafka 4.2.",
               &ShareGroupSnapshot::Row::lag);
}

}  // namespace kafkascope::families
