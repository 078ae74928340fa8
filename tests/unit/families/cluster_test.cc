#include <catch2/catch_test_macros.hpp>

#include "families/written.h"

namespace kafkascope::families {
namespace {

using model::Collector;
using model::Snapshot;

TEST_CASE("the cluster's feature levels are those of the broker that knows of the latest change") {
  Snapshot s = snapshot_of({});
  const auto levels = [&] { return lines_with(written(s), "kafka_cluster_feature_level"); };
  s.features[1].value = model::BrokerFeatures{{{"f", 9}}, {{"f", 7}}, -1};  // not known
  CHECK(levels().empty());
  s.features[2].value = model::BrokerFeatures{{{"f", 9}}, {{"f", 3}, {"removed", 1}}, 5};
  s.features[3] = {model::BrokerFeatures{{{"f", 9}}, {{"f", 4}}, 6}, kFailingSince};
  CHECK(levels() == "kafka_cluster_feature_level{feature=\"f\"} 4\n");
  CHECK(held_of(s)[Collector::kFeatures] == 2);
}

TEST_CASE("quorum lag is computed from the leader's log end offset if that is known") {
  Snapshot s = snapshot_of({});
  s.quorum.value = model::Quorum{3, 1, -1, {{1, true, 90}, {2, true, 120}, {3, true, 100}, {9, false, -1}}};
  const std::string text = written(s);
  CHECK(lines_with(text, "kafka_quorum_high_watermark").empty());
  CHECK(lines_with(text, "kafka_quorum_replica_lag") ==
        "kafka_quorum_replica_lag{id=\"1\",role=\"voter\"} 10\n"
        "kafka_quorum_replica_lag{id=\"2\",role=\"voter\"} 0\n"
        "kafka_quorum_replica_lag{id=\"3\",role=\"voter\"} 0\n");
  CHECK(lines_with(text, "kafka_quorum_replica_last").empty());
  CHECK(held_of(s)[Collector::kQuorum] == 0);

  SECTION("held as a whole") {
    s.quorum.failing_since = kFailingSince;
    CHECK(written(s) == text);
    CHECK(held_of(s)[Collector::kQuorum] == 7);
  }
  SECTION("without a leader there is no lag") {
    s.quorum.value->leader = -1;
    CHECK(lines_with(written(s), "kafka_quorum_replica_lag").empty());
  }
}

TEST_CASE("an offline log directory has no size, and an old broker reports no volume") {
  Snapshot s = snapshot_of({});
  s.log_dirs[4].value = model::LogDirs{{{"/a", true, 0, 100, 0}, {"/b", false, 0}}, {}};
  s.log_dirs[5] = {};
  const std::string text = written(s);
  CHECK(lines_with(text, "kafka_broker_log_dir") ==
        "kafka_broker_log_dir_size_bytes{id=\"4\",log_dir=\"/a\"} 0\n"
        "kafka_broker_log_dir_volume_bytes{id=\"4\",log_dir=\"/a\"} 100\n"
        "kafka_broker_log_dir_usable_bytes{id=\"4\",log_dir=\"/a\"} 0\n"
        "kafka_broker_log_dir_online{id=\"4\",log_dir=\"/a\"} 1\n"
        "kafka_broker_log_dir_online{id=\"4\",log_dir=\"/b\"} 0\n");
}

TEST_CASE("a topic has an info series once its configuration was requested, also if that failed") {
  Snapshot s = snapshot_of({1, 1, 1});
  s.settings.resize(3);
  s.settings_state = {true, false, true};
  s.settings[0] = {model::TopicSettings{"compact", 1000, 1, 1}, kFailingSince};
  const std::string text = written(s);
  CHECK(lines_with(text, "kafka_topic_info") ==
        "kafka_topic_info{topic=\"a\",topic_id=\"\",cleanup_policy=\"compact\",internal=\"false\"} 1\n"
        "kafka_topic_info{topic=\"c\",topic_id=\"\",cleanup_policy=\"\",internal=\"false\"} 1\n");
  CHECK(lines_with(text, "kafka_topic_retention").empty());
  CHECK(lines_with(text, "kafka_topic_min_insync_replicas") == "kafka_topic_min_insync_replicas{topic=\"a\"} 1\n");
  CHECK(lines_with(text, "kafka_topic_under_min_isr") == "kafka_topic_under_min_isr_partitions{topic=\"a\"} 0\n");
  // info, min.insync.replicas, under and at it
  CHECK(held_of(s)[Collector::kTopicConfigs] == 4);
}

TEST_CASE("values held because the metadata is are counted for the metadata collector only") {
  Snapshot s = snapshot_of({1});
  s.settings = {{model::TopicSettings{}, kFailingSince}};
  s.settings_state = {true};
  s.reassigning = {std::vector<model::PartitionRef>{{0, 0}}, kFailingSince};
  s.log_dirs[1] = {model::LogDirs{{}, {{{0, 0}, 1}}}, kFailingSince};
  auto one_by_one = held_of(s);
  CHECK(one_by_one[Collector::kTopicConfigs] == 4);
  CHECK(one_by_one[Collector::kReassignments] == 2);  // the count and the problem
  CHECK(one_by_one[Collector::kLogDirs] == 4);        // of the topic, of the partition, and two of the broker
  s.metadata_failing_since = kFailingSince;
  auto held = held_of(s);
  CHECK(held[Collector::kTopicConfigs] == 0);
  CHECK(held[Collector::kReassignments] == 0);
  CHECK(held[Collector::kLogDirs] == 2);  // those of the broker, which need no metadata
}

/// Returns the names of the families that are written, in order.
std::vector<std::string> names(const model::Options& options) {
  FamilyWriter families("");
  write(snapshot_of({1}), options, families);
  std::vector<std::string> names;
  for (const auto& family : families.take()) names.push_back(family.name);
  return names;
}

TEST_CASE("families are left out by name, the others do not change") {
  const auto all = names({});
  model::Options options;
  options.disabled_families = {"kafka_up", "kafka_consumergroup_lag", "kafka_no_such_family"};
  auto expected = all;
  std::erase_if(expected, [&](const auto& name) { return options.disabled_families.contains(name); });
  CHECK(expected.size() == all.size() - 2);
  CHECK(names(options) == expected);
  CHECK(family_names() == all);
}

TEST_CASE("a family that is left out is not computed") {
  FamilyWriter families("");
  bool called = false;
  const auto write = [&](SampleWriter&) { called = true; };
  model::Options options;
  options.disabled_families = {"kafka_a"};
  options.by_partition = false;
  families.begin(options);
  families.family({"kafka_a", "A."}, write);
  FamilyDescription head{"kafka_b", "B."};
  head.by_partition = true;
  families.family(head, write);
  CHECK_FALSE(called);
  CHECK(families.take().empty());
}

}  // namespace
}  // namespace kafkascope::families
