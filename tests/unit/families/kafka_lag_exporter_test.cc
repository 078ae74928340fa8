#include <catch2/catch_test_macros.hpp>

#include "written.h"

namespace kafkascope::families {
namespace {

using model::Collector;
using model::Snapshot;

model::Options enabled(std::string cluster_name = "east") {
  model::Options options;
  options.kafka_lag_exporter = true;
  options.cluster_name = std::move(cluster_name);
  return options;
}

/// Group g reads topic a, whose partition 0 is assigned, and has committed partition 0 of b. Nobody reads the others.
Snapshot one_reader() {
  Snapshot s = snapshot_of({2, 2});
  s.latest = {{100, {}}, {200, {}}, {300, {}}, {400, {}}};
  s.earliest = {{1, {}}, {2, {}}, {3, {}}, {}};
  s.groups = {
      group("g", "classic", "range", "Stable", 1, {row({0, 0}, {90, {}}, {10, {}}), row({1, 0}, {1, {}}, {5, {}})})};
  s.groups[0].group.assigned = {{0, 0}, {0, 1}};
  s.groups[0].group.member_list = {{"c-1", "c", "/10.0.0.1", {{0, 0}, {0, 1}}}};
  s.groups[0].partitions[0].lag_seconds = 2.5F;
  s.poll_seconds = 0.0126;
  return s;
}

const std::string kOwner = R"(member_host="/10.0.0.1",consumer_id="c-1",client_id="c"} )";
const std::string kNobody = R"(member_host="unknown",consumer_id="unknown",client_id="unknown"} )";

TEST_CASE("kafka-lag-exporter's metrics are absent by default") {
  const std::string text = written(one_reader());
  CHECK(lines_with(text, "kafka_consumergroup_group_").empty());
  CHECK(lines_with(text, "kafka_partition_").empty());
  CHECK(lines_with(text, "kafka_consumergroup_poll_time_ms").empty());
}

TEST_CASE("partitions have the labels of their owners, or unknown ones") {
  const std::string text = written(one_reader(), enabled());
  const std::string a = R"({cluster_name="east",group="g",topic="a",partition="0",)" + kOwner;
  const std::string b = R"({cluster_name="east",group="g",topic="b",partition="0",)" + kNobody;
  const std::string name = "kafka_consumergroup_group_";
  CHECK(lines_with(text, name + "offset") == name + "offset" + a + "90\n" + name + "offset" + b + "1\n");
  CHECK(lines_with(text, name + "lag{") == name + "lag" + a + "10\n" + name + "lag" + b + "5\n");
  CHECK(lines_with(text, name + "lag_seconds") == name + "lag_seconds" + a + "2.5\n");
}

TEST_CASE("each member's partitions have its labels") {
  Snapshot s = one_reader();
  s.groups[0].group.member_list = {{"c-1", "c", "/10.0.0.1", {{1, 0}}}, {"d-1", "d", "/10.0.0.2", {{0, 0}, {0, 1}}}};
  s.groups.insert(s.groups.begin(), group("f", "classic", "", "Empty", 0, {row({0, 0}, {90, {}}, {10, {}})}));
  CHECK(lines_with(written(s, enabled()), "kafka_consumergroup_group_offset") ==
        "kafka_consumergroup_group_offset{cluster_name=\"east\",group=\"f\",topic=\"a\",partition=\"0\"," + kNobody +
            "90\nkafka_consumergroup_group_offset{cluster_name=\"east\",group=\"g\",topic=\"a\",partition=\"0\","
            "member_host=\"/10.0.0.2\",consumer_id=\"d-1\",client_id=\"d\"} 90\n"
            "kafka_consumergroup_group_offset{cluster_name=\"east\",group=\"g\",topic=\"b\",partition=\"0\"," +
            kOwner + "1\n");
}

TEST_CASE("offsets are those of partitions that a group reads") {
  const std::string text = written(one_reader(), enabled());
  CHECK(lines_with(text, "kafka_partition_latest_offset") ==
        R"(kafka_partition_latest_offset{topic="a",partition="0",cluster_name="east"} 100
kafka_partition_latest_offset{topic="a",partition="1",cluster_name="east"} 200
kafka_partition_latest_offset{topic="b",partition="0",cluster_name="east"} 300
)");
  CHECK(lines_with(text, "kafka_partition_earliest_offset") ==
        R"(kafka_partition_earliest_offset{topic="a",partition="0",cluster_name="east"} 1
kafka_partition_earliest_offset{topic="a",partition="1",cluster_name="east"} 2
kafka_partition_earliest_offset{topic="b",partition="0",cluster_name="east"} 3
)");
}

TEST_CASE("a group that is not shown has no series") {
  Snapshot s = one_reader();
  s.groups[0].shown = false;
  CHECK(lines_with(written(s, enabled()), "cluster_name") ==
        "kafka_consumergroup_poll_time_ms{cluster_name=\"east\"} 13\n");
}

TEST_CASE("maxima and sums of a group; the sum is absent while one lag is unknown") {
  Snapshot s = one_reader();
  const auto of_group = [&](const std::string& name) { return lines_with(written(s, enabled()), name + "{"); };
  const std::string group = R"({cluster_name="east",group="g"} )";
  CHECK(of_group("kafka_consumergroup_group_max_lag") == "kafka_consumergroup_group_max_lag" + group + "10\n");
  CHECK(of_group("kafka_consumergroup_group_max_lag_seconds") ==
        "kafka_consumergroup_group_max_lag_seconds" + group + "2.5\n");
  CHECK(of_group("kafka_consumergroup_group_sum_lag") == "kafka_consumergroup_group_sum_lag" + group + "15\n");
  CHECK(of_group("kafka_consumergroup_group_topic_sum_lag") ==
        R"(kafka_consumergroup_group_topic_sum_lag{cluster_name="east",group="g",topic="a"} 10
kafka_consumergroup_group_topic_sum_lag{cluster_name="east",group="g",topic="b"} 5
)");
  s.groups[0].partitions[1].lag = {};
  CHECK(of_group("kafka_consumergroup_group_sum_lag").empty());
  CHECK(of_group("kafka_consumergroup_group_max_lag") == "kafka_consumergroup_group_max_lag" + group + "10\n");
  s.groups[0].partitions.clear();
  CHECK(of_group("kafka_consumergroup_group_sum_lag").empty());
}

TEST_CASE("held values count as held under both names") {
  Snapshot s = one_reader();
  const auto before = held_of(s, enabled());
  s.groups[0].partitions[0].lag = held(10);
  const auto after = held_of(s, enabled()), plain = held_of(s);
  CHECK(before.empty());
  // Lag, its maximum and sum by topic, lag in seconds and its maximum; here also the sum by group.
  CHECK(after.at(Collector::kOffsets) == plain.at(Collector::kOffsets) + 6);
}

TEST_CASE("a cluster without a name has its id as cluster_name; without metadata there is nothing") {
  Snapshot s = one_reader();
  auto metadata = std::make_shared<model::Metadata>(*s.metadata);
  metadata->cluster_id = "abc";
  s.metadata = s.numbering = metadata;
  CHECK(lines_with(written(s, enabled("")), "poll_time_ms") ==
        "kafka_consumergroup_poll_time_ms{cluster_name=\"abc\"} 13\n");
  s.metadata = nullptr;
  CHECK(lines_with(written(s, enabled("")), "cluster_name").empty());
}

TEST_CASE("with granularity topic only the sums remain") {
  model::Options options = enabled();
  options.by_partition = false;
  const std::string text = written(one_reader(), options);
  CHECK(lines_with(text, "kafka_partition_").empty());
  CHECK(lines_with(text, "member_host").empty());
  CHECK(lines_with(text, "kafka_consumergroup_group_sum_lag") ==
        "kafka_consumergroup_group_sum_lag{cluster_name=\"east\",group=\"g\"} 15\n");
}

}  // namespace
}  // namespace kafkascope::families
