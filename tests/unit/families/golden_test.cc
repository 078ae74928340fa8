#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <fstream>
#include <numeric>
#include <sstream>

#include "families/written.h"
#include "families/zookeeper_snapshot.h"
#include "metrics/exporter.h"

namespace kafkascope::families {
namespace {

using metrics::ExporterMetrics;
using model::Connection;
using model::GroupPartition;
using model::GroupSnapshot;
using model::Snapshot;

void add_log_dirs(Snapshot& s) {
  s.log_dirs[1].value = model::LogDirs{
      {{"/data/a", true, 3000, 1000000, 400000}, {"/data \"b\"", false}}, {{{0, 0}, 1000}, {{0, 1}, 2000}}, 2, 345};
  s.log_dirs[2].value = model::LogDirs{{{"/data/a", true, 2900}}, {{{0, 0}, 900}, {{0, 1}, 2000}}};
  s.log_dirs[3] = {model::LogDirs{{{"/data/a", true, 1807}}, {{{0, 1}, 1800}, {{1, 0}, 7}}}, kFailingSince};
}

void add_settings(Snapshot& s) {
  s.settings_state = {true, true};
  s.settings.resize(2);
  s.settings[0].value = model::TopicSettings{"compact,delete", 604800000, model::kUnlimited, 2};
}

/// A group of two members, one of them idle, whose names must be escaped.
GroupSnapshot billing() {
  auto billing = group("billing", "classic", "range", "Stable", 2,
                       {row({0, 0}, {990, {}}, {10, {}}), row({0, 1}, {9007199254740993, {}}, {0, {}})});
  billing.group.idle_members = 1;
  billing.group.assignment_known = true;
  billing.group.assigned = {{0, 0}};
  billing.group.member_list = {{"a b/\"1\"-af3c", "a b/\"1\"", "/10.0.0.1", {{0, 0}}}, {"c-77", "c", "/10.0.0.2", {}}};
  billing.membership_changes = 3;
  auto& behind = billing.partitions[0];
  behind.stable_lag = {5, {}};
  billing.partitions[1].stable_lag = {0, {}};
  behind.lost = 5;
  behind.lag_seconds = 12.5F;
  behind.retention_used = 0.25F;
  behind.progress = progress(7, 0);
  billing.partitions[1].progress = progress(0, 0);
  billing.partitions[1].lag_seconds = 0;
  billing.partitions[1].ahead = 7;
  return billing;
}

/// A held group that was stalled for long.
GroupSnapshot held_group() {
  auto group = families::group("held", "consumer", "uniform", "Stable", 3, {row({0, 0}, held(500), held(400))});
  group.failing_since = kFailingSince;
  group.group.members_behind = 1;
  group.group.unreconciled_partitions = 4;
  group.partitions[0].lag_seconds = 1234.5F;
  group.partitions[0].progress = progress(0, 400);
  return group;
}

/// A cluster with every family and edge cases: a broker that is down, a partition without a leader, held values, names
/// to escape, each type of group, a commit without an end offset.
Snapshot fixed_snapshot() {
  Snapshot s;
  s.up = true;
  s.unix_zero = 1700000000;
  auto metadata = std::make_shared<model::Metadata>();
  metadata->cluster_id = "u2kHf0lqQ0uDPLcPqr8ybg";
  metadata->brokers = {{1, "kafka-1", 9092, "a"}, {2, "kafka-2", 9092, "b"}};
  metadata->topics = {
      // partition 0: led by its second replica; partition 1: replica 3 is down
      topic("orders", 0, {{2, 4, 0, 2, 2}, {1, 5, 4, 3, 2}}, {1, 2, 1, 2, 1, 3, 2, 1, 2}),
      topic("quo\"te\\d", 2, {{model::kNoBroker, 1, 0, 1, 0}}, {3}),
  };
  std::iota(metadata->topics[0].id.begin(), metadata->topics[0].id.end(), static_cast<char>(-8));
  metadata->topics[1].internal = true;
  metadata->partition_count = 3;
  s.metadata = s.numbering = metadata;
  s.brokers = {{1, {true, {}}}, {2, {true, {}}}, {3, {false, {}}}};
  s.replica_lags = {{1, {17, {}}}, {2, {0, {}}}, {4, {}}};
  s.controller = 100;
  s.quorum.value =
      model::Quorum{100, 7, 4711, {{100, true, 4712, 1700000000123}, {101, true, -1}, {1, false, 4700, 1699999999000}}};
  s.reassigning.value = {{0, 1}};
  add_log_dirs(s);
  add_settings(s);
  s.changes = {{4, 3, 2, 1}, {}};
  s.cluster_changes.topics_created = 12;
  s.cluster_changes.topics_deleted = 11;
  s.cluster_changes.topic_configs = 10;
  s.cluster_changes.brokers_added = 9;
  s.cluster_changes.brokers_removed = 8;
  s.cluster_changes.controllers = 7;
  s.cluster_changes.baseline = metadata;
  s.cluster_changes.controller = 100;
  s.offsets_retention_ms.value = 600'000;
  s.poll_seconds = 0.75;
  s.latest = {{1000, {}}, {9007199254740993, {}}, held(70)};
  s.earliest = {{10, {}}, {0, {}}, {}};
  s.last_stable = {{995, {}}, {9007199254740993, {}}, held(70)};
  s.transaction_states.value = {{"Ongoing", 2}, {"Empty", 7}, {"PrepareEpochFence", 1}};
  s.oldest_transaction_seconds.value = 61.5;
  s.stable_offsets.resize(3);
  s.stable_offsets[0] = {{995, {}}, model::Time{10s}, model::Time{85s}};
  s.stable_offsets[1] = {{9007199254740993, {}}};
  s.stable_offsets[2] = {held(70)};
  s.hanging[0].producer_id = 4000;
  s.record_times.resize(3);
  s.record_times[0] = {{1699999998123, {}}, {1690000000500, {}}};
  s.record_times[1] = {{1699999999456, {}}, {1695000000000, {}}};
  s.record_times[2] = {held(1699999000000), held(1600000000000)};
  s.groups = {
      billing(),
      group("connect-cluster", "connect", "sessioned", "Stable", 1, {}),
      held_group(),
      group("no end", "simple", "", "Empty", 0, {row({0, 0}, {900, {}}, {100, {}}), row({1, 0}, {60, {}}, {})}),
      group("streams", "streams", "", "Stable", -1, {}),
  };
  s.groups[3].partitions[0].stable_lag = {95, {}};
  s.groups[0].state_since = s.groups[2].state_since = model::Time{40s};
  s.share_groups.resize(2);
  s.share_groups[0].group = {"share \"a\"", "Stable", 2, 2};
  s.share_groups[0].rows = {{{0, 0}, {40, {}}, {960, {}}}, {{0, 1}, {7, {}}, {}}};
  s.share_groups[1].group = {"share-dead", "", 1};
  s.share_groups[1].failing_since = kFailingSince;
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
  s.features[1].value =
      model::BrokerFeatures{{{"group.version", 1}, {"metadata.version", 29}}, {{"metadata.version", 21}}, 7};
  s.features[2] = {model::BrokerFeatures{{{"metadata.version", 21}}, {{"metadata.version", 20}}, 6}, kFailingSince};
  s.features[3].value = model::BrokerFeatures{};
  s.certificates = {{{1, {1700086400, {}}}, {2, {1699999000, {}}}, {4, {1, {}}}}, 1702592000};
  s.statistics.requests = {{"Metadata", 3}, {"ApiVersions", 2}};
  s.requests = {{"Metadata", 10}, {"ListOffsets", 12}};
  s.own_requests = {{"ApiVersions", 1}, {"DescribeConfigs", 5}};
  return s;
}

/// Everything that is disabled by default.
model::Options all_options() {
  model::Options options;
  options.members = options.owners = options.read_committed = options.kafka_lag_exporter = true;
  return options;
}

std::string page_text(const Snapshot& snapshot, const model::Options& options) {
  ExporterMetrics exporter({"1.2.3", "abcdef0", "2.15.1", "g++ 12"}, SOURCE_DIR "/tests/unit/metrics/proc/self");
  exporter.add_target("", 15s, model::kKafkaCollectors);
  exporter.config_loaded(true, model::WallTime{1700000000s});
  FamilyWriter families("");
  model::Figures figures = analysis::figures(snapshot, options);
  figures.topic_labels = {{{"team", "check\"out\""}, {"service", "shop"}}, {}};
  figures.dead_letters = {{1, "orders"}};
  figures.group_labels.resize(snapshot.groups.size());
  figures.group_labels[0] = {{"team", "payments"}};
  figures.group_labels[2] = {{"team", "payments"}, {"service", "reports"}};
  write_all(snapshot, figures, options, families);
  auto page = families.take();
  const model::WallTime at{1700000000s};
  exporter.collectors_ran("",
                          {{model::Collector::kMetadata, 0.25, {}},
                           {model::Collector::kGroups, 0.5, {{model::Reason::kTimeout, "broker 3 does not answer"}}},
                           {model::Collector::kGroupOffsets, 0.125, {}},
                           {model::Collector::kOffsets, 0.0625, {}}},
                          at);
  exporter.collectors_ran("", {{model::Collector::kTopicConfigs, 1, {}}}, at + 1s);
  exporter.poll_ended("", families.held(), 750ms);
  exporter.series_dropped("", {{"kafka_consumergroup_lag", 100'000}});
  exporter.http_request("/metrics", 200, 0.002);
  exporter.log_message("info");
  exporter.page_rendered(20ms);
  exporter.web_config_reloaded(true);
  const auto before = Publisher([](const Page&) { return std::vector<metrics::Family>(); }).page();
  Publisher publisher([&](const Page&) { return exporter.families(*before); });
  publisher.add("", {std::move(page), {}});
  const auto ensemble = model::TargetName::zookeeper("main");
  FamilyWriter of_ensemble(metrics::constant_labels({}, ensemble));
  write_zookeeper(zookeeper_snapshot(), {}, false, of_ensemble);
  publisher.add(ensemble, {of_ensemble.take(), {}});
  return text_of(*publisher.page());
}

TEST_CASE("the golden page") {
  const std::string text = page_text(fixed_snapshot(), all_options());
  const std::string path = SOURCE_DIR "/tests/golden.txt";
  if (std::getenv("UPDATE_GOLDEN")) std::ofstream(path) << text;
  std::stringstream golden;
  golden << std::ifstream(path).rdbuf();
  INFO("after a wanted change: UPDATE_GOLDEN=1 build/kafkascope_families_test");
  CHECK(text == golden.str());
}

TEST_CASE("a cluster that was never reached only has kafka_up 0") {
  FamilyWriter families("");
  write({}, {}, families);
  CHECK(text_of(families.take()) ==
        "# HELP kafka_up 1 if the last poll got the cluster's metadata, else 0.\n# TYPE kafka_up gauge\nkafka_up 0\n");
}

TEST_CASE("without partitions no series has that label, and all other series stay") {
  auto options = all_options();
  const std::string all = written(fixed_snapshot(), options);
  options.by_partition = false;
  const std::string text = written(fixed_snapshot(), options);
  CHECK(lines_with(text, "partition=\"").empty());
  std::string expected = lines_with(all, " ");
  const std::string dropped = lines_with(all, "partition=\"");
  std::istringstream lines(dropped);
  for (std::string line; std::getline(lines, line);) expected.erase(expected.find(line), line.size() + 1);
  CHECK(lines_with(text, " ") == expected);
}

TEST_CASE("families of the exporter itself can be left out") {
  ExporterMetrics exporter({}, SOURCE_DIR "/tests/unit/metrics/proc/self");
  const std::string text = text_of(exporter.families({}, {}, {"kafka_exporter_build_info"}));
  CHECK(text.find("kafka_exporter_build_info") == std::string::npos);
  CHECK(text.find("kafka_exporter_page_bytes") != std::string::npos);
}

TEST_CASE("constant labels come first, after the cluster's name") {
  using metrics::constant_labels;
  CHECK(constant_labels({}, "").empty());
  CHECK(constant_labels({{"env", "pro\"d"}}, "main") == R"(kafka_cluster="main",env="pro\"d")");
  FamilyWriter families(constant_labels({{"env", "prod"}}, "main"));
  write(fixed_snapshot(), all_options(), families);
  const std::string text = text_of(families.take());
  CHECK(lines_with(text, "kafka_up") == "kafka_up{kafka_cluster=\"main\",env=\"prod\"} 1\n");
  CHECK(lines_with(text, "kafka_broker_up") ==
        "kafka_broker_up{kafka_cluster=\"main\",env=\"prod\",id=\"1\"} 1\n"
        "kafka_broker_up{kafka_cluster=\"main\",env=\"prod\",id=\"2\"} 1\n"
        "kafka_broker_up{kafka_cluster=\"main\",env=\"prod\",id=\"3\"} 0\n");
}

TEST_CASE("a series keeps its own label where a constant one has the same name") {
  /// The labels of each series of a page, by series.
  const auto labels_of_series = [](const std::map<std::string, std::string>& constant) {
    FamilyWriter families(metrics::constant_labels(constant, ""));
    write(fixed_snapshot(), all_options(), families);
    std::string text = text_of(families.take());
    text += text_of(ExporterMetrics({}, SOURCE_DIR "/tests/unit/metrics/proc/self").families({}, constant));
    std::vector<std::vector<std::string>> series;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("#")) continue;
      const size_t open = line.find('{');
      auto& labels = series.emplace_back();
      if (open == line.npos) continue;
      const std::string inside = line.substr(open + 1, line.rfind('}') - open - 1);
      for (const auto label : metrics::split_labels(inside)) labels.emplace_back(label);
    }
    return series;
  };
  const auto plain = labels_of_series({});
  std::set<std::string> names;
  for (const auto& labels : plain)
    for (const auto& label : labels) names.insert(label.substr(0, label.find('=')));
  REQUIRE(names.size() > 25);
  for (const auto& name : names) {
    CAPTURE(name);
    const auto with_constant = labels_of_series({{"a", "1"}, {name, "x\\\","}, {"z", "2"}});
    REQUIRE(with_constant.size() == plain.size());
    for (size_t i = 0; i < plain.size(); ++i) {
      const auto own = [&](const std::string& label) { return label.starts_with(name + "="); };
      std::vector<std::string> expected{"a=\"1\""};
      if (std::none_of(plain[i].begin(), plain[i].end(), own)) expected.push_back(metrics::label(name, "x\\\","));
      expected.push_back("z=\"2\"");
      std::sort(expected.begin(), expected.end());
      auto all = with_constant[i];
      for (const auto& label : plain[i]) expected.push_back(label);
      std::sort(expected.begin(), expected.end());
      std::sort(all.begin(), all.end());
      REQUIRE(all == expected);
    }
  }
}

TEST_CASE("held series are counted for the collector that failed") {
  auto options = all_options();
  options.kafka_lag_exporter = false;  // repeats others
  auto held = held_of(fixed_snapshot(), options);
  CHECK(held[model::Collector::kMetadata] == 0);
  CHECK(held[model::Collector::kOffsets] == 4);  // latest and last stable offset; sum and maximum of lag
  // Info, state, its time, members, those behind, unreconciled partitions and membership changes.
  CHECK(held[model::Collector::kGroups] == 7);
  // Commit, sum of commits, uncommitted partitions; lag, lag in seconds and their maxima; status.
  CHECK(held[model::Collector::kGroupOffsets] == 7);
  // Size and state of a directory, moves between directories and their lag; the sizes of two topics.
  CHECK(held[model::Collector::kLogDirs] == 6);
  CHECK(held[model::Collector::kShareGroups] == 1);
}

TEST_CASE("unchanged families are not compressed again") {
  FamilyWriter families("");
  write(fixed_snapshot(), all_options(), families);
  const auto first = families.take();
  write(fixed_snapshot(), all_options(), families);
  const auto second = families.take();
  REQUIRE(first.size() == second.size());
  for (size_t i = 0; i < first.size(); ++i) {
    CHECK(first[i].head == second[i].head);
    CHECK(first[i].body == second[i].body);
  }
}

TEST_CASE("a page with reused families equals a page written from scratch") {
  Snapshot s = fixed_snapshot();
  for (auto& [broker, dirs] : s.log_dirs) dirs.failing_since = {};
  s.latest[2].failing_since = s.last_stable[2].failing_since = {};
  FamilyWriter kept("");
  const auto check = [&](const char* change) {
    INFO(change);
    FamilyWriter anew("");
    write(s, all_options(), kept);
    write(s, all_options(), anew);
    const auto page = kept.take(), expected = anew.take();
    REQUIRE(page.size() == expected.size());
    for (size_t i = 0; i < page.size(); ++i) {
      INFO(expected[i].name);
      CHECK(page[i].body->series == expected[i].body->series);
      CHECK((page[i].body->deflate == expected[i].body->deflate));  // not shown: no text
    }
    CHECK(kept.held() == anew.held());
  };
  const auto change_metadata = [&](auto change) {
    auto metadata = std::make_shared<model::Metadata>(*s.metadata);
    change(*metadata);
    s.metadata = s.numbering = metadata;
  };
  check("first");
  check("nothing");
  s.latest[1].value = 17;
  check("an end");
  s.latest[0].failing_since = kFailingSince;
  check("an end that is held");
  s.earliest[0].value = 18;
  check("a start");
  s.log_dirs[1].value->replicas[0].bytes = 19;
  check("a size");
  s.log_dirs[1].failing_since = kFailingSince;
  check("sizes that are held");
  s.log_dirs.erase(2);
  check("no sizes");
  change_metadata([](auto& metadata) { metadata.topics[0].partitions[0].leader = 1; });
  check("a leader");
  change_metadata([](auto& metadata) { --metadata.topics[0].partitions[1].in_sync; });
  check("in-sync replicas");
  change_metadata([](auto& metadata) { metadata.topics[1].nodes[0] = 2; });
  check("a replica");
  change_metadata([](auto& metadata) { metadata.topics[1].name = "zebra"; });
  check("a name");
  change_metadata([](auto& metadata) { metadata.brokers.push_back({4, "kafka-4", 9092, "a"}); });
  check("a broker");
  s.brokers[5] = {false, {}};
  check("a broker that is only remembered");
  s.metadata_failing_since = kFailingSince;
  check("metadata that is held");
  check("metadata that is still held");
  s.metadata_failing_since = {};
  check("metadata that is not");
  s.metadata = nullptr;
  check("no metadata");
}

}  // namespace
}  // namespace kafkascope::families
