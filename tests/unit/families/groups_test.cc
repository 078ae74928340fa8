#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "families/written.h"

namespace kafkascope::families {
namespace {

using model::GroupPartition;
using model::GroupSnapshot;
using model::PartitionRef;
using model::Snapshot;
using model::Time;

Value fresh(int64_t value) { return {value, {}}; }

/// Topics a and b of three partitions each, and a group g with two members that has committed on a.
Snapshot one_group(std::vector<GroupPartition> rows) {
  Snapshot s = snapshot_of({3, 3});
  s.groups = {group("g", "classic", "range", "Stable", 2, std::move(rows))};
  return s;
}

/// Returns the values of a family's series in order.
std::string values_of(const std::string& text, const std::string& family) {
  std::istringstream lines(lines_with(text, family + "{"));
  std::string found;
  for (std::string line; std::getline(lines, line);) found += line.substr(line.rfind(' ') + 1) + " ";
  return found;
}

TEST_CASE("uncommitted partitions are -1 as in kafka_exporter, and only if that is known") {
  Snapshot s = snapshot_of({2, 2});
  s.groups = {group("g", "classic", "range", "Stable", 2, {row({0, 0}, fresh(990), fresh(10))})};
  model::Options options;
  CHECK(lines_with(written(s, options), " -1\n").empty());
  options.uncommitted_as_minus_one = true;
  const std::string text = written(s, options);
  CHECK(lines_with(text, "kafka_consumergroup_current_offset{") ==
        "kafka_consumergroup_current_offset{consumergroup=\"g\",topic=\"a\",partition=\"0\"} 990\n"
        "kafka_consumergroup_current_offset{consumergroup=\"g\",topic=\"a\",partition=\"1\"} -1\n");
  CHECK(lines_with(text, "kafka_consumergroup_lag{") ==
        "kafka_consumergroup_lag{consumergroup=\"g\",topic=\"a\",partition=\"0\"} 10\n"
        "kafka_consumergroup_lag{consumergroup=\"g\",topic=\"a\",partition=\"1\"} -1\n");
  CHECK(lines_with(text, "_sum{consumergroup=\"g\"") ==
        "kafka_consumergroup_current_offset_sum{consumergroup=\"g\",topic=\"a\"} 990\n"
        "kafka_consumergroup_lag_sum{consumergroup=\"g\",topic=\"a\"} 10\n");

  SECTION("only assigned partitions if show_all_offsets is false") {
    options.show_all_offsets = false;
    CHECK(values_of(written(s, options), "kafka_consumergroup_lag") == "10 ");
    s.groups[0].group.assigned = {{0, 0}, {0, 1}};
    CHECK(values_of(written(s, options), "kafka_consumergroup_lag") == "10 -1 ");
  }
  SECTION("not if a commit could not be read") {
    s.groups[0].partitions.push_back(row({0, 1}, {}, {}));
    CHECK(values_of(written(s, options), "kafka_consumergroup_lag") == "10 ");
  }
  SECTION("not for a topic that is assigned but has no commits") {
    s.groups[0].group.assigned = {{0, 0}, {1, 0}};
    CHECK(values_of(written(s, options), "kafka_consumergroup_lag") == "10 -1 ");
  }
}

TEST_CASE("uncommitted partitions are counted by topic") {
  const std::string family = "kafka_consumergroup_uncommitted_partitions";
  Snapshot s = one_group({row({0, 0}, fresh(1)), row({0, 2}, fresh(1))});
  CHECK(lines_with(written(s), family) == family + "{consumergroup=\"g\",topic=\"a\"} 1\n");
  SECTION("also for a topic that is assigned but has no commits") {
    s.groups[0].group.assigned = {{0, 0}, {1, 1}};
    CHECK(values_of(written(s), family) == "1 3 ");
  }
  SECTION("not while one is unknown") {
    s.groups[0].partitions[1].committed = {};
    CHECK(values_of(written(s), family).empty());
  }
  SECTION("not before offsets were read") {
    s.groups[0].offsets_known = false;
    CHECK(values_of(written(s), family).empty());
  }
  SECTION("held if the commits are") {
    s.groups[0].partitions[1].committed = held(1);
    CHECK(values_of(written(s), family) == "1 ");
    CHECK(held_of(s)[model::Collector::kGroupOffsets] == 3);  // commit, sum of commits, uncommitted
  }
  SECTION("only of assigned partitions if show_all_offsets is false") {
    model::Options options;
    options.show_all_offsets = false;
    s.groups[0].group.assigned = {{0, 0}, {0, 1}, {0, 2}};
    CHECK(values_of(written(s, options), family) == "1 ");
    s.groups[0].group.assigned.clear();  // no longer known, and the commits are still held
    CHECK(values_of(written(s, options), family).empty());
  }
}

TEST_CASE("unassigned partitions are counted if the assignment is known") {
  const std::string family = "kafka_consumergroup_unassigned_partitions";
  Snapshot s = one_group({row({0, 0}, fresh(1))});
  GroupSnapshot& group = s.groups[0];
  group.group.assigned = {{0, 0}, {0, 1}, {1, 2}};
  CHECK(values_of(written(s), family).empty());
  group.group.assignment_known = true;
  CHECK(values_of(written(s), family) == "1 2 ");
  SECTION("an empty group has no assigned partitions") {
    group.group.assigned.clear();
    CHECK(values_of(written(s), family) == "3 ");
  }
  SECTION("held if the group is") {
    group.failing_since = kFailingSince;
    CHECK(values_of(written(s), family) == "1 2 ");
    CHECK(held_of(s)[model::Collector::kGroups] ==
          6);  // info, state, members, membership changes, and two unassigned counts
  }
}

TEST_CASE("read_committed lag is a sum of known values") {
  const std::string family = "kafka_consumergroup_read_committed_lag";
  Snapshot s = one_group({row({0, 0}, fresh(10)), row({0, 2}, fresh(20))});
  CHECK(values_of(written(s), family).empty());
  auto& rows = s.groups[0].partitions;
  rows[0].stable_lag = fresh(5);
  rows[1].stable_lag = fresh(0);
  CHECK(values_of(written(s), family) == "5 ");
  SECTION("absent if a part is unknown") {
    rows[0].stable_lag = {};
    CHECK(values_of(written(s), family).empty());
  }
  SECTION("held if a part is") {
    rows[1].stable_lag = held(2);
    CHECK(values_of(written(s), family) == "7 ");
    CHECK(held_of(s)[model::Collector::kOffsets] == 1);
  }
}

TEST_CASE("lost messages are exported if there are any and the commit is known") {
  const std::string family = "kafka_consumergroup_messages_lost";
  Snapshot s = one_group({row({0, 0}, fresh(10)), row({0, 1}, fresh(10)), row({0, 2}, kUnknown)});
  for (auto& row : s.groups[0].partitions) row.lost = 7;
  s.groups[0].partitions[1].lost = 0;
  CHECK(lines_with(written(s), family) == family + "{consumergroup=\"g\",topic=\"a\",partition=\"0\"} 7\n");
}

TEST_CASE("lag in seconds and its maximum") {
  Snapshot s = one_group({row({0, 0}, fresh(1), fresh(5)), row({0, 1}, fresh(1), fresh(0)),
                          row({1, 0}, held(1), held(9)), row({1, 1}, fresh(1), kUnknown)});
  auto& rows = s.groups[0].partitions;
  CHECK(values_of(written(s), "kafka_consumergroup_lag_seconds").empty());
  CHECK(values_of(written(s), "kafka_consumergroup_max_lag_seconds").empty());
  rows[0].lag_seconds = 0.1F;
  rows[1].lag_seconds = 0;
  rows[2].lag_seconds = 86400;
  rows[3].lag_seconds = 100000;  // its lag is no longer held
  CHECK(values_of(written(s), "kafka_consumergroup_lag_seconds") == "0.1 0 86400 ");
  CHECK(values_of(written(s), "kafka_consumergroup_max_lag_seconds") == "86400 ");
  const auto before = held_of(s)[model::Collector::kGroupOffsets];
  rows[2].lag_seconds = GroupPartition::kUnknown;
  CHECK(values_of(written(s), "kafka_consumergroup_max_lag_seconds") == "0.1 ");
  CHECK(held_of(s)[model::Collector::kGroupOffsets] == before - 2);
}

TEST_CASE("retention used is the maximum over partitions") {
  const std::string family = "kafka_consumergroup_retention_used_ratio";
  Snapshot s = one_group({row({0, 0}, fresh(1), fresh(5)), row({0, 1}, fresh(1), fresh(5)), row({1, 0}, fresh(1))});
  auto& rows = s.groups[0].partitions;
  CHECK(values_of(written(s), family).empty());
  rows[1].retention_used = 0;
  CHECK(values_of(written(s), family) == "0 ");
  rows[0].retention_used = 0.75F;
  CHECK(values_of(written(s), family) == "0.75 ");
}

TEST_CASE("last progress is the newest one of all partitions") {
  const std::string family = "kafka_consumergroup_last_progress_timestamp_seconds";
  Snapshot s = one_group({row({0, 0}, fresh(1)), row({0, 1}, fresh(1)), row({0, 2}, kUnknown), row({1, 0}, fresh(1))});
  s.unix_zero = 1700000000.04;
  auto& rows = s.groups[0].partitions;
  CHECK(values_of(written(s), family).empty());
  rows[0].progress.moved = model::to_tick(Time{100s});
  rows[1].progress.moved = model::to_tick(Time{150s + 500ms});
  rows[2].progress.moved = model::to_tick(Time{170s});  // its commit is no longer known
  CHECK(lines_with(written(s), family) == family + "{consumergroup=\"g\",topic=\"a\"} 1700000150.5\n");
}

/// A partition with a known lag and this status; `young` and `unseen` have no status yet.
GroupPartition with_status(PartitionRef partition, const std::string& status) {
  GroupPartition made = row(partition, fresh(1), fresh(5));
  if (status == "ok") made.progress = progress(1, 0);
  if (status == "lagging") made.progress = progress(1, 5);
  if (status == "still") made.progress = progress(0, 5);
  if (status == "rewound") made.progress = progress(-1, 5);
  if (status == "young") made.progress = progress(0, 5, 3);
  if (status == "ahead") made.ahead = 7;
  if (status == "losing") made.lost = 7;
  return made;
}

TEST_CASE("a group's status on a topic is the worst of its partitions") {
  struct Row {
    std::vector<std::string> partitions;
    int32_t members;
    std::string status;
  };
  const auto [partitions, members, status] = GENERATE(values<Row>({
      {{"ok", "ok", "ok"}, 1, "ok"},
      {{"ok", "lagging", "ok"}, 1, "lagging"},
      {{"lagging", "still", "ok"}, 1, "stalled"},
      {{"lagging", "still", "ok"}, 0, "stopped"},
      {{"rewound", "still", "lagging"}, 0, "stopped"},
      {{"rewound", "lagging"}, 1, "rewound"},
      {{"ahead", "still"}, 0, "ahead"},
      {{"ahead", "losing", "ok"}, 1, "losing"},
      {{"losing", "unseen"}, 1, "losing"},
      {{"ok", "still", "ok"}, -1, ""},
      {{"ok", "young", "ok"}, 1, ""},
      {{"unseen", "ok"}, 1, ""},
      {{"unseen", "young", "lagging"}, 1, "lagging"},
      {{"young"}, 1, ""},
  }));
  Snapshot s = one_group({});
  s.groups[0].group.members = members;
  for (size_t p = 0; p < partitions.size(); ++p)
    s.groups[0].partitions.push_back(with_status({0, static_cast<int32_t>(p)}, partitions[p]));
  const std::string name = "kafka_consumergroup_status";
  CHECK(lines_with(written(s), name) ==
        (status.empty() ? "" : name + "{consumergroup=\"g\",topic=\"a\",status=\"" + status + "\"} 1\n"));
}

TEST_CASE("a commit beyond the end offset is exported from the second poll on") {
  Snapshot s = one_group({row({0, 0}, fresh(10)), row({0, 1}, fresh(10)), row({0, 2}, fresh(10))});
  s.groups[0].partitions[0].ahead = 7;
  s.groups[0].partitions[1].ahead = -7;
  const std::string name = "kafka_consumergroup_offset_ahead";
  CHECK(lines_with(written(s), name) == name + "{consumergroup=\"g\",topic=\"a\",partition=\"0\"} 7\n");
}

TEST_CASE("status depends on status_window, and is absent if the lag is unknown") {
  Snapshot s = one_group({with_status({0, 0}, "still")});
  model::Options options;
  const auto stalled = [&] { return !lines_with(written(s, options), "status=\"stalled\"").empty(); };
  CHECK(stalled());
  options.status_window = 1h;
  CHECK_FALSE(stalled());
  options.status_window = 1s;
  CHECK(stalled());
  options.interval = 10min;  // and near is twice that
  CHECK_FALSE(stalled());
  options = {};
  s.groups[0].partitions[0].lag = {};
  CHECK(lines_with(written(s, options), "kafka_consumergroup_status").empty());
}

TEST_CASE("members and owners are exported if enabled") {
  Snapshot s = one_group({});
  auto& group = s.groups[0].group;
  group.assignment_known = true;
  group.member_list = {{"m 1", "c/\"1\"", "/h", {{0, 0}, {1, 2}}}, {"m 2", "", "/h", {}}};
  CHECK(lines_with(written(s), "client_id").empty());
  model::Options options;
  options.members = true;
  const std::string members =
      R"(kafka_consumergroup_member_partitions{consumergroup="g",client_id="c/\"1\"",host="/h",consumer_id="m 1"} 2
kafka_consumergroup_member_partitions{consumergroup="g",client_id="",host="/h",consumer_id="m 2"} 0
)";
  CHECK(lines_with(written(s, options), "client_id") == members);
  options.members = false;
  options.owners = true;
  const std::string of_first = R"(,client_id="c/\"1\"",host="/h",consumer_id="m 1"} 1)";
  CHECK(lines_with(written(s, options), "client_id") ==
        "kafka_consumergroup_partition_owner{consumergroup=\"g\",topic=\"a\",partition=\"0\"" + of_first + "\n" +
            "kafka_consumergroup_partition_owner{consumergroup=\"g\",topic=\"b\",partition=\"2\"" + of_first + "\n");
  options.members = true;
  group.assignment_known = false;
  CHECK(lines_with(written(s, options), "kafka_consumergroup_member_partitions").empty());
}

TEST_CASE("groups that are not shown have no series, nor has any group without metadata") {
  Snapshot s = one_group({row({0, 0}, fresh(1), fresh(1))});
  s.share_groups.resize(1);
  s.share_groups[0].group.id = "shared";
  s.groups.push_back(group("other", "simple", "", "Empty", 0, {}));
  s.groups[0].shown = false;
  CHECK(lines_with(written(s), "consumergroup=\"g\"").empty());
  CHECK_FALSE(lines_with(written(s), "consumergroup=\"other\"").empty());
  CHECK_FALSE(lines_with(written(s), "sharegroup").empty());
  s.metadata = nullptr;
  CHECK(written(s) ==
        "# HELP kafka_up 1 if the last poll got the cluster's metadata, else 0.\n# TYPE kafka_up gauge\nkafka_up 1\n");
}

}  // namespace
}  // namespace kafkascope::families
