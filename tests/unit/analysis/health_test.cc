#include "analysis/health.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "analysis/poll_results.h"

using namespace kafkascope::analysis;
namespace model = kafkascope::model;
using model::BrokerLoad;
using model::kNoBroker;
using model::PartitionProblem;
using model::Problem;

namespace {

model::Cached<model::TopicSettings> min_in_sync(int32_t replicas, model::Time failing_since = {}) {
  model::TopicSettings settings;
  settings.min_in_sync = replicas;
  return {settings, failing_since};
}

/// One topic with known settings, without reassignments.
Snapshot snapshot_of(const std::vector<PartitionIs>& partitions, int32_t min = 2) {
  Snapshot s;
  auto metadata = std::make_shared<model::Metadata>();
  add_topic(*metadata, "a", partitions);
  s.metadata = metadata;
  s.settings = {min_in_sync(min)};
  s.reassigning.value.emplace();
  return s;
}

std::string words(const std::vector<PartitionProblem>& problems) {
  std::string text;
  for (const auto& problem : problems) text.append(text.empty() ? "" : " ").append(name(problem.problem));
  return text;
}

constexpr std::array kAll{Problem::kOffline,         Problem::kUnderMinIsr,        Problem::kAtMinIsr,
                          Problem::kUnderReplicated, Problem::kNotPreferredLeader, Problem::kReassigning};

}  // namespace

TEST_CASE("Problems of a partition") {
  struct Row {
    const char* what;
    PartitionIs partition;
    int32_t min_in_sync;
    const char* problems;
  };
  const auto [what, partition, min, problems] = GENERATE(values<Row>({
      {"nothing", {1, {1, 2, 3}, {1, 2, 3}}, 2, ""},
      {"nothing, whatever the order of the ISR", {1, {1, 2, 3}, {3, 1, 2}}, 2, ""},
      {"no leader", {kNoBroker, {1, 2, 3}, {1}}, 2, "offline"},
      {"no leader, as before ELRs: nobody is in sync", {kNoBroker, {1}, {}}, 1, "offline"},
      {"one replica behind, one to spare", {1, {1, 2, 3}, {1, 2}}, 1, "under_replicated"},
      {"one replica behind, none to spare", {1, {1, 2, 3}, {1, 2}}, 2, "at_min_isr under_replicated"},
      {"two replicas behind", {1, {1, 2, 3}, {1}}, 2, "under_min_isr under_replicated"},
      {"all replicas needed, all there", {1, {1, 2, 3}, {1, 2, 3}}, 3, ""},
      {"all replicas needed, one behind", {1, {1, 2, 3}, {1, 2}}, 3, "under_min_isr under_replicated"},
      {"more wanted than there are: brokers want all", {1, {1}, {1}}, 2, ""},
      {"more wanted than there are, one behind", {1, {1, 2}, {1}}, 3, "under_min_isr under_replicated"},
      {"one replica, one needed: not at its minimum", {1, {1}, {1}}, 1, ""},
      {"led by another", {2, {1, 2, 3}, {1, 2, 3}}, 2, "not_preferred_leader"},
      {"led by another, as the first is behind",
       {2, {1, 2, 3}, {2, 3}},
       2,
       "at_min_isr under_replicated not_preferred_leader"},
  }));
  INFO(what);
  const auto health = kafkascope::analysis::health(snapshot_of({partition}, min));
  CHECK(words(health.problems) == problems);
  REQUIRE(health.topics.size() == 1);
  for (const auto problem : kAll) {
    INFO(name(problem));
    const bool has =
        std::string(" ").append(problems).append(" ").find(std::string(" ").append(name(problem))) != std::string::npos;
    CHECK(health.topics[0][problem] == fresh(has));
  }
}

TEST_CASE("Problems are counted by topic and listed by partition") {
  Snapshot s = snapshot_of({{1, {1, 2}, {1}}, {1, {1, 2}, {1, 2}}, {2, {2, 1}, {2}}}, 1);
  auto metadata = std::make_shared<model::Metadata>(*s.metadata);
  add_topic(*metadata, "b", {{kNoBroker, {3}, {3}}, {2, {1, 2}, {1, 2}}});
  s.metadata = metadata;
  s.settings.push_back(min_in_sync(1));
  const auto health = kafkascope::analysis::health(s);
  CHECK(health.problems == std::vector<PartitionProblem>{{{0, 0}, Problem::kAtMinIsr},
                                                         {{0, 0}, Problem::kUnderReplicated},
                                                         {{0, 2}, Problem::kAtMinIsr},
                                                         {{0, 2}, Problem::kUnderReplicated},
                                                         {{1, 0}, Problem::kOffline},
                                                         {{1, 1}, Problem::kNotPreferredLeader}});
  CHECK(health.topics[0][Problem::kUnderReplicated] == fresh(2));
  CHECK(health.topics[0][Problem::kAtMinIsr] == fresh(2));
  CHECK(health.topics[0][Problem::kOffline] == fresh(0));
  CHECK(health.topics[1][Problem::kOffline] == fresh(1));
  CHECK(health.topics[1][Problem::kUnderReplicated] == fresh(0));
}

TEST_CASE("Problems about the minimum ISR are unknown without the topic's settings") {
  Snapshot s = snapshot_of({{1, {1, 2, 3}, {1}}});
  SECTION("never read") { s.settings = {{}}; }
  SECTION("not requested yet") { s.settings.clear(); }
  const auto health = kafkascope::analysis::health(s);
  CHECK(words(health.problems) == "under_replicated");
  CHECK(health.topics[0][Problem::kUnderMinIsr] == kUnknown);
  CHECK(health.topics[0][Problem::kAtMinIsr] == kUnknown);
  CHECK(health.topics[0][Problem::kUnderReplicated] == fresh(1));
}

TEST_CASE("Reassignments are counted, and unknown if they cannot be read") {
  Snapshot s = snapshot_of({{1, {1}, {1}}, {1, {1, 2}, {1, 2}}, {kNoBroker, {3}, {}}}, 1);
  s.reassigning.value = {{0, 1}, {0, 2}};
  auto health = kafkascope::analysis::health(s);
  CHECK(health.topics[0][Problem::kReassigning] == fresh(2));
  // An offline partition has no other problem.
  CHECK(health.problems == std::vector<PartitionProblem>{{{0, 1}, Problem::kReassigning}, {{0, 2}, Problem::kOffline}});
  s.reassigning.value.reset();
  health = kafkascope::analysis::health(s);
  CHECK(health.topics[0][Problem::kReassigning] == kUnknown);
  CHECK(words(health.problems) == "offline");
}

TEST_CASE("Health is held if an input is, since the first failure") {
  Snapshot s = snapshot_of({{1, {1, 2, 3}, {1}}});
  SECTION("settings") {
    s.settings[0].failing_since = at(7s);
    const auto health = kafkascope::analysis::health(s);
    CHECK(health.topics[0][Problem::kUnderMinIsr] == held(1, 7s));
    CHECK(health.topics[0][Problem::kAtMinIsr] == held(0, 7s));
    CHECK(health.topics[0][Problem::kUnderReplicated] == fresh(1));
    CHECK(health.topics[0][Problem::kReassigning] == fresh(0));
  }
  SECTION("reassignments") {
    s.reassigning.failing_since = at(7s);
    const auto health = kafkascope::analysis::health(s);
    CHECK(health.topics[0][Problem::kReassigning] == held(0, 7s));
    CHECK(health.topics[0][Problem::kUnderMinIsr] == fresh(1));
  }
  SECTION("metadata: everything") {
    s.metadata_failing_since = at(5s);
    s.settings[0].failing_since = at(7s);
    const auto health = kafkascope::analysis::health(s);
    for (const auto problem : kAll) CHECK(health.topics[0][problem].failing_since == at(5s));
  }
}

TEST_CASE("Without metadata there is no health and no load") {
  CHECK(health({}).topics.empty());
  CHECK(health({}).problems.empty());
  Snapshot s;
  s.brokers[1] = {};
  CHECK(broker_loads(s).empty());
}

TEST_CASE("Every known broker has a load, also one that is gone or has no partitions") {
  Snapshot s = snapshot_of({{1, {1, 2}, {1, 2}}, {2, {1, 2}, {2}}, {kNoBroker, {3}, {}}});
  auto metadata = std::make_shared<model::Metadata>(*s.metadata);
  metadata->brokers = {{1, "host", 9092, ""}, {2, "host", 9092, ""}, {4, "new", 9092, ""}};
  s.metadata = metadata;
  s.brokers = {{1, {}}, {2, {}}, {5, {}}};  // 5 was just removed from the cluster
  const auto loads = broker_loads(s);
  CHECK(loads.size() == 5);
  CHECK(loads.at(1) == BrokerLoad{1, 2, 2, 1});
  CHECK(loads.at(2) == BrokerLoad{1, 0, 2, 0});
  CHECK(loads.at(3) == BrokerLoad{0, 1, 1, 1});
  CHECK(loads.at(4) == BrokerLoad{0, 0, 0, 0});
  CHECK(loads.at(5) == BrokerLoad{0, 0, 0, 0});
}
