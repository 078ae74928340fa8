#include "report/lag.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <memory>
#include <string>

namespace kafkascope::report {
namespace {

using model::LagOrder;

/// Topics a with two partitions and b with one, and end offsets 100, 50 and unknown.
model::Snapshot snapshot() {
  auto metadata = std::make_shared<model::Metadata>();
  metadata->partition_count = 3;
  metadata->topics.resize(2);
  metadata->topics[0].name = "a";
  metadata->topics[0].partitions.resize(2);
  metadata->topics[1].name = "b";
  metadata->topics[1].partitions.resize(1);
  metadata->topics[1].first_partition = 2;
  model::Snapshot snapshot;
  snapshot.metadata = metadata;
  snapshot.latest = {{100, {}}, {50, {}}, {}};
  return snapshot;
}

model::GroupPartition row(model::PartitionRef partition, int64_t committed, int64_t lag, float seconds) {
  model::GroupPartition row{partition, {committed, {}}, {lag, {}}};
  row.lag_seconds = seconds;
  row.progress.seen = 1;  // and not behind
  return row;
}

/// Group g: member m1 owns a-0 and b-0, m2 nothing; committed on a-0 and a-1.
model::Snapshot with_group() {
  model::Snapshot now = snapshot();
  auto& group = now.groups.emplace_back();
  group.group = {.id = "g", .type = "classic", .protocol = "", .state = "Stable", .coordinator = 1, .members = 2};
  group.group.member_list = {{"m1", "client \"1\"", "/10.0.0.1", {{0, 0}, {1, 0}}}, {"m2", "client2", "/10.0.0.2", {}}};
  group.partitions = {row({0, 0}, 90, 10, 2.5f), row({0, 1}, 50, 0, 0)};
  return now;
}

LagReport report(const model::Snapshot& snapshot, std::string_view cluster = "") {
  LagReport report{.unix_seconds = 1};
  add_lag_rows(cluster, snapshot, {}, report.rows);
  return report;
}

TEST_CASE("Committed and assigned partitions have a row each") {
  const auto now = with_group();
  CHECK(lag_table(report(now), 0, 0) ==
        "GROUP  TOPIC  PARTITION  CURRENT-OFFSET  LOG-END-OFFSET  LAG  LAG-SECONDS  STATUS  CONSUMER-ID  HOST       "
        "CLIENT-ID\n"
        "g      a              0              90             100   10          2.5  ok      m1           /10.0.0.1  "
        "client \"1\"\n"
        "g      a              1              50              50    0            0  ok      -            -          -\n"
        "g      b              0               -               -    -            -  -       m1           /10.0.0.1  "
        "client \"1\"\n");
}

TEST_CASE("A partition that two members report has two rows") {
  auto now = with_group();
  now.groups[0].group.member_list[1].assigned = {{0, 0}};
  const auto rows = report(now).rows;
  REQUIRE(rows.size() == 4);  // two of them of a-0
  CHECK(rows[0].member->id == "m1");
  CHECK(rows[1].member->id == "m2");
  CHECK(rows[1].lag == 10);
}

TEST_CASE("Groups that are not shown have no rows") {
  auto now = with_group();
  now.groups[0].shown = false;
  CHECK(report(now).rows.empty());
  CHECK(report({}).rows.empty());
}

TEST_CASE("Unknown values are absent") {
  auto now = with_group();
  now.groups[0].group.members = -1;
  now.groups[0].partitions[0].lag = {};
  const auto rows = report(now).rows;
  CHECK(rows[0].committed == 90);
  CHECK(!rows[0].lag);
  CHECK(!rows[0].lag_seconds);
  CHECK(!rows[0].status);
}

TEST_CASE("Order by lag and lag in seconds, unknown last") {
  std::vector<LagRow> rows{
      {.group = "a"}, {.group = "b", .lag = 1}, {.group = "c", .lag = 5}, {.group = "d", .lag_seconds = 9.0}};
  const auto order = [&](LagOrder by) {
    auto sorted = rows;
    sort_rows(sorted, by);
    std::string groups;
    for (const auto& row : sorted) groups += row.group;
    return groups;
  };
  CHECK(order(LagOrder::kGroup) == "abcd");
  CHECK(order(LagOrder::kLag) == "cbad");
  CHECK(order(LagOrder::kSeconds) == "dabc");
}

TEST_CASE("JSON and CSV") {
  const auto now = with_group();
  LagReport all = report(now, "c,1");
  all.rows.resize(1);
  all.errors.push_back({"c,1", "offsets", {model::Reason::kTimeout, "broker 1 \"slow\"", ""}});
  CHECK(lag_json(all) ==
        "{\"time\":\"1970-01-01T00:00:01.000Z\",\"partitions\":[{\"cluster\":\"c,1\",\"group\":\"g\",\"topic\":\"a\","
        "\"partition\":0,"
        "\"current_offset\":90,\"log_end_offset\":100,\"lag\":10,\"lag_seconds\":2.5,\"status\":\"ok\",\"consumer_id\":"
        "\"m1\","
        "\"host\":\"/10.0.0.1\",\"client_id\":\"client "
        "\\\"1\\\"\"}],\"errors\":[{\"cluster\":\"c,1\",\"collector\":\"offsets\","
        "\"reason\":\"timeout\",\"error\":\"broker 1 \\\"slow\\\"\",\"hint\":null}]}\n");
  CHECK(lag_csv(all, true) ==
        "time,cluster,group,topic,partition,current_offset,log_end_offset,lag,lag_seconds,status,consumer_id,host,"
        "client_id\r\n"
        "1970-01-01T00:00:01.000Z,\"c,1\",g,a,0,90,100,10,2.5,ok,m1,/10.0.0.1,\"client \"\"1\"\"\"\r\n");
  CHECK(lag_csv(all, false).starts_with("1970"));
  CHECK(lag_json({.unix_seconds = 1}) == "{\"time\":\"1970-01-01T00:00:01.000Z\",\"partitions\":[],\"errors\":[]}\n");
  CHECK(lag_csv({}, false).empty());
}

TEST_CASE("Clusters with names have a column") {
  const auto now = with_group();
  CHECK(lag_table(report(now, "east"), 0, 0).starts_with("CLUSTER  GROUP"));
}

TEST_CASE("A list that is higher than the terminal ends with the number of missing rows") {
  const auto now = with_group();
  const auto lines = [](const std::string& text) { return std::count(text.begin(), text.end(), '\n'); };
  const auto three_lines = lag_table(report(now), 0, 3);
  CHECK(lines(three_lines) == 3);
  CHECK(three_lines.ends_with("\nand 2 more\n"));
  CHECK(lag_table(report(now), 0, 4) == lag_table(report(now), 0, 0));
}

TEST_CASE("Errors are one line") {
  CHECK(describe({"c", "offsets", {model::Reason::kAuthorization, "not\nallowed", "grant it"}}) ==
        "c: offsets failed: authorization: not\\nallowed; grant it");
  CHECK(describe({"", "offsets", {model::Reason::kTimeout, "slow"}}) == "offsets failed: timeout: slow");
}

}  // namespace
}  // namespace kafkascope::report
