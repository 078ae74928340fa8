#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "metrics/exporter.h"
#include "metrics/publisher.h"
#include "metrics/subjects.h"

namespace kafkascope::metrics {
namespace {

using model::Connection;
using model::Group;
using model::GroupPartition;
using model::GroupSnapshot;
using model::Partition;
using model::PartitionRef;
using model::Snapshot;
using model::Time;
using model::Topic;
using model::Value;
using namespace std::chrono_literals;

constexpr Time kFailingSince{1s};

Topic topic(const char* name, uint32_t first_partition, std::vector<Partition> partitions, std::vector<int32_t> nodes) {
  Topic topic;
  topic.name = name;
  topic.first_partition = first_partition;
  topic.partitions = std::move(partitions);
  topic.nodes = std::move(nodes);
  return topic;
}

GroupSnapshot group(const char* id, const char* type, const char* protocol, const char* state, int32_t members,
                    std::vector<GroupPartition> partitions) {
  GroupSnapshot group;
  group.group = {id, type, protocol, state, 1, members, {}};
  group.partitions = std::move(partitions);
  return group;
}

/// A cluster that shows every family, and the odd cases: a dead broker, a partition without a leader, held values,
/// names that must be escaped, each kind of group, a commit without an end.
Snapshot fixed_snapshot() {
  Snapshot s;
  s.up = true;
  auto metadata = std::make_shared<model::Metadata>();
  metadata->cluster_id = "u2kHf0lqQ0uDPLcPqr8ybg";
  metadata->brokers = {{1, "kafka-1", 9092, "a"}, {2, "kafka-2", 9092, "b"}};
  metadata->topics = {
      // partition 0: led by its second replica; partition 1: replica 3 is dead
      topic("orders", 0, {{2, 4, 0, 2, 2}, {1, 5, 4, 3, 2}}, {1, 2, 1, 2, 1, 3, 2, 1, 2}),
      topic("quo\"te\\d", 2, {{model::kNoBroker, 1, 0, 1, 0}}, {3}),
  };
  metadata->partition_count = 3;
  s.metadata = metadata;
  s.brokers = {{1, {true, {}}}, {2, {true, {}}}, {3, {false, {}}}};
  s.latest = {{1000, {}}, {9007199254740993, {}}, {70, kFailingSince}};
  s.earliest = {{10, {}}, {0, {}}, {}};
  s.groups = {
      group("billing", "classic", "range", "Stable", 2,
            {{{0, 0}, {990, {}}, {10, {}}}, {{0, 1}, {9007199254740993, {}}, {0, {}}}}),
      group("connect-cluster", "connect", "sessioned", "Stable", 1, {}),
      group("held", "consumer", "uniform", "Stable", 3, {{{0, 0}, {500, kFailingSince}, {400, kFailingSince}}}),
      group("no end", "simple", "", "Empty", 0, {{{0, 0}, {900, {}}, {100, {}}}, {{1, 0}, {60, {}}, {}}}),
      group("streams", "streams", "", "Stable", -1, {}),
  };
  s.groups[2].failing_since = kFailingSince;
  Connection connection;
  connection.broker = 1;
  connection.connected = true;
  connection.state_age_seconds = 12.5;
  connection.requests = 100;
  connection.responses = 99;
  connection.sent_bytes = 10000;
  connection.received_bytes = 2000000;
  connection.errors = 1;
  connection.retries = 2;
  connection.timeouts = 3;
  connection.connects = 4;
  connection.disconnects = 5;
  connection.in_flight = 1;
  connection.round_trip = {0.5, 99, 0.001, 0.002, 0.003};
  s.statistics.connections = {connection};
  s.statistics.requests = {{"Metadata", 3}, {"ApiVersions", 2}};
  s.requests = {{"Metadata", 10}, {"ListOffsets", 12}};
  return s;
}

std::string text_of(const Page& page) {
  std::string text;
  page.inflate([&](std::string_view piece) {
    text += piece;
    return true;
  });
  return text;
}

std::string page_text(const Snapshot& snapshot, const model::Options& options) {
  ExporterMetrics exporter({}, {"1.2.3", "abcdef0", "2.15.1", "g++ 12"}, SOURCE_DIR "/tests/unit/metrics/proc/self");
  exporter.add_cluster("", 15s);
  Families families("");
  write_all(snapshot, options, families);
  auto written = families.take();
  const model::WallTime at{1700000000s};
  exporter.poll_ended("",
                      {{model::Collector::kMetadata, 0.25, {}},
                       {model::Collector::kGroups, 0.5, {{model::Reason::kTimeout, "broker 3 does not answer"}}},
                       {model::Collector::kGroupOffsets, 0.125, {}},
                       {model::Collector::kOffsets, 0.0625, {}}},
                      families.held(), at, 750ms);
  exporter.http_request("/metrics", 200, 0.002);
  exporter.log_message("info");
  Publisher publisher({ClusterPage{}}, {});
  publisher.publish(0, {std::move(written), {}}, exporter.families(*publisher.page(), 20ms));
  return text_of(*publisher.page());
}

TEST_CASE("the golden page") {
  const std::string text = page_text(fixed_snapshot(), {});
  const std::string path = SOURCE_DIR "/tests/golden.txt";
  if (std::getenv("UPDATE_GOLDEN")) std::ofstream(path) << text;
  std::stringstream golden;
  golden << std::ifstream(path).rdbuf();
  INFO("after a wanted change: UPDATE_GOLDEN=1 build/metrics_test");
  CHECK(text == golden.str());
}

std::string lines_with(const std::string& text, const std::string& word) {
  std::istringstream lines(text);
  std::string found;
  for (std::string line; std::getline(lines, line);)
    if (line.find(word) != std::string::npos && line[0] != '#') found += line + "\n";
  return found;
}

TEST_CASE("of a cluster that was never reached the page says that it is down, and nothing else") {
  Families families("");
  write_all({}, {}, families);
  Publisher publisher({{families.take(), {}}}, {});
  CHECK(text_of(*publisher.page()) ==
        "# HELP kafka_up 1 if the last poll got the cluster's metadata, else 0.\n# TYPE kafka_up gauge\nkafka_up 0\n");
}

TEST_CASE("uncommitted partitions are -1 where kafka_exporter has them, and only where that is known") {
  Snapshot s = fixed_snapshot();
  s.groups.resize(1);
  s.groups[0].partitions.resize(1);
  model::Options options;
  CHECK(lines_with(page_text(s, options), " -1\n").empty());
  options.uncommitted_as_minus_one = true;
  const std::string text = page_text(s, options);
  CHECK(lines_with(text, "kafka_consumergroup_current_offset{") ==
        "kafka_consumergroup_current_offset{consumergroup=\"billing\",topic=\"orders\",partition=\"0\"} 990\n"
        "kafka_consumergroup_current_offset{consumergroup=\"billing\",topic=\"orders\",partition=\"1\"} -1\n");
  CHECK(lines_with(text, "kafka_consumergroup_lag{") ==
        "kafka_consumergroup_lag{consumergroup=\"billing\",topic=\"orders\",partition=\"0\"} 10\n"
        "kafka_consumergroup_lag{consumergroup=\"billing\",topic=\"orders\",partition=\"1\"} -1\n");
  CHECK(lines_with(text, "_sum{consumergroup=\"billing\"") ==
        "kafka_consumergroup_current_offset_sum{consumergroup=\"billing\",topic=\"orders\"} 990\n"
        "kafka_consumergroup_lag_sum{consumergroup=\"billing\",topic=\"orders\"} 10\n");

  SECTION("of assigned partitions alone, where only these are shown") {
    options.show_all_offsets = false;
    CHECK(lines_with(page_text(s, options), " -1\n").empty());
    s.groups[0].group.assigned = {{0, 0}, {0, 1}};
    CHECK(lines_with(page_text(s, options), "kafka_consumergroup_lag{").find("-1") != std::string::npos);
  }
  SECTION("not where a commit could not be read") {
    s.groups[0].partitions.push_back({{0, 1}, {}, {}});
    CHECK(lines_with(page_text(s, options), " -1\n").empty());
  }
}

TEST_CASE("constant labels come first, the cluster's name before them") {
  CHECK(constant_labels({}, "").empty());
  CHECK(constant_labels({{"env", "pro\"d"}}, "main") == R"(kafka_cluster="main",env="pro\"d")");
  Families families(constant_labels({{"env", "prod"}}, "main"));
  write_all(fixed_snapshot(), {}, families);
  Publisher publisher({{families.take(), {}}}, {});
  const std::string text = text_of(*publisher.page());
  CHECK(lines_with(text, "kafka_up") == "kafka_up{kafka_cluster=\"main\",env=\"prod\"} 1\n");
  CHECK(lines_with(text, "kafka_broker_up") ==
        "kafka_broker_up{kafka_cluster=\"main\",env=\"prod\",id=\"1\"} 1\n"
        "kafka_broker_up{kafka_cluster=\"main\",env=\"prod\",id=\"2\"} 1\n"
        "kafka_broker_up{kafka_cluster=\"main\",env=\"prod\",id=\"3\"} 0\n");
}

TEST_CASE("held series are counted by the collector whose answer is missing") {
  Families families("");
  write_all(fixed_snapshot(), {}, families);
  families.take();
  const auto& held = families.held();
  CHECK(held[size_t(model::Collector::kMetadata)] == 0);
  CHECK(held[size_t(model::Collector::kOffsets)] == 3);       // an end offset; a sum and a maximum with a held lag
  CHECK(held[size_t(model::Collector::kGroups)] == 3);        // info, state and members
  CHECK(held[size_t(model::Collector::kGroupOffsets)] == 3);  // a commit, its sum and its lag
}

TEST_CASE("what did not change is not compressed again") {
  Families families("");
  write_all(fixed_snapshot(), {}, families);
  const auto first = families.take();
  write_all(fixed_snapshot(), {}, families);
  const auto second = families.take();
  REQUIRE(first.size() == second.size());
  for (size_t i = 0; i < first.size(); ++i) {
    CHECK(first[i].head == second[i].head);
    CHECK(first[i].body == second[i].body);
  }
}

}  // namespace
}  // namespace kafkascope::metrics
