#include "analysis/restart.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <utility>

#include "analysis/poll_results.h"

using namespace kafkascope::analysis;
namespace model = kafkascope::model;
using model::kNoBroker;

namespace {

using Ids = std::vector<int32_t>;

struct Settings {
  int32_t min_in_sync = 1;
  bool unclean = false;
};

model::Cached<model::TopicSettings> cached(Settings from) {
  model::TopicSettings settings;
  settings.min_in_sync = from.min_in_sync;
  settings.unclean_elections = from.unclean;
  return {settings, {}};
}

/// Topics with known settings on these live brokers.
Snapshot snapshot_of(const std::vector<std::pair<std::vector<PartitionIs>, Settings>>& topics,
                     const Ids& live = {1, 2, 3}) {
  Snapshot s;
  auto metadata = std::make_shared<model::Metadata>();
  for (const int32_t id : live) metadata->brokers.push_back({id, "host", 9092, ""});
  for (const auto& [partitions, settings] : topics) {
    add_topic(*metadata, std::string(1, static_cast<char>('b' + metadata->topics.size())), partitions);
    s.settings.push_back(cached(settings));
  }
  s.metadata = metadata;
  return s;
}

/// The counts of brokers 1, 2 and 3, each "partitions that stop/under min ISR"; "-": none; "?": unknown.
std::string words(const Snapshot& snapshot) {
  const auto text = [](const Value& value) { return value.known() ? std::to_string(value.value) : "?"; };
  const auto impacts = restart_impacts(snapshot);
  std::string words;
  for (const int32_t id : {1, 2, 3}) {
    const auto impact = impacts.find(id);
    words += id == 1 ? "" : " ";
    words += impact == impacts.end() ? "-" : text(impact->second.stops) + "/" + text(impact->second.under_min_isr);
  }
  return words;
}

}  // namespace

TEST_CASE("What becomes of a partition when one of the brokers stops") {
  struct Row {
    const char* what;
    PartitionIs partition;
    Settings settings;
    const char* impacts;
  };
  const auto [what, partition, settings, impacts] = GENERATE(values<Row>({
      {"all in sync, one to spare", {1, {1, 2, 3}, {1, 2, 3}}, {2}, "0/0 0/0 0/0"},
      {"all in sync, none to spare", {1, {1, 2, 3}, {3, 1, 2}}, {3}, "0/1 0/1 0/1"},
      {"more wanted than there are: brokers want all", {1, {1, 2}, {1, 2}}, {3}, "0/1 0/1 0/0"},
      {"a single replica", {2, {2}, {2}}, {1}, "0/0 1/0 0/0"},
      {"a single replica, more wanted", {2, {2}, {2}}, {2}, "0/0 1/0 0/0"},
      {"a single replica, unclean elections allowed", {2, {2}, {2}}, {1, true}, "0/0 1/0 0/0"},
      {"at the minimum with one behind", {1, {1, 2, 3}, {1, 2}}, {2}, "0/1 0/1 0/0"},
      {"one behind, one to spare", {1, {1, 2, 3}, {1, 2}}, {1}, "0/0 0/0 0/0"},
      {"under the minimum already", {1, {1, 2, 3}, {1, 2}}, {3}, "0/0 0/0 0/0"},
      {"the last in sync", {1, {1, 2, 3}, {1}}, {1}, "1/0 0/0 0/0"},
      {"the last in sync, and under the minimum", {1, {1, 2, 3}, {1}}, {2}, "1/0 0/0 0/0"},
      {"the last in sync, unclean elections allowed", {1, {1, 2, 3}, {1}}, {1, true}, "0/0 0/0 0/0"},
      {"offline already", {kNoBroker, {1, 2, 3}, {1}}, {1}, "0/0 0/0 0/0"},
  }));
  INFO(what);
  CHECK(words(snapshot_of({{{partition}, settings}})) == impacts);
}

TEST_CASE("Only live brokers have counts, and only live replicas become leader") {
  // 3 is down; 1 is alone although the ISR may name others for a moment.
  const Ids live{1, 2};
  CHECK(words(snapshot_of({{{{1, {1, 2, 3}, {1, 2}}}, {1}}}, live)) == "0/0 0/0 -");
  CHECK(words(snapshot_of({{{{1, {1, 3}, {1, 3}}}, {1}}}, live)) == "1/0 0/0 -");
  CHECK(words(snapshot_of({{{{1, {1, 3}, {1}}}, {1, true}}}, live)) == "1/0 0/0 -");
  CHECK(words(snapshot_of({{{{1, {1, 2, 3}, {1}}}, {1, true}}}, live)) == "0/0 0/0 -");
  CHECK(words(snapshot_of({{{{3, {3}, {3}}}, {1}}}, live)) == "0/0 0/0 -");
  CHECK(words(Snapshot{}) == "- - -");
}

TEST_CASE("Partitions are summed over topics, and each counts once") {
  CHECK(words(snapshot_of({{{{1, {1}, {1}}, {1, {1, 2}, {1, 2}}, {2, {2, 1}, {2}}}, {2}},
                           {{{3, {3}, {3}}, {1, {1, 2, 3}, {1, 2, 3}}}, {3}}})) == "1/2 1/2 1/1");
}

TEST_CASE("An eligible leader replica becomes leader") {
  Snapshot s = snapshot_of({{{{2, {2}, {2}}}, {1}}, {{{2, {2}, {2}}, {1, {1, 2, 3}, {1}}}, {2}}});
  CHECK(words(s) == "1/0 2/0 0/0");
  s.eligible[2] = {2};
  CHECK(words(s) == "0/0 2/0 0/0");
  s.eligible[2] = {1, 4};  // 4 is down
  CHECK(words(s) == "1/0 2/0 0/0");
  s.eligible.clear();
  s.eligible_unknown = {1};
  CHECK(words(s) == "?/? 2/0 0/0");
  s.settings[1].value->unclean_elections = true;
  CHECK(words(s) == "0/0 2/0 0/0");
}

TEST_CASE("A count is unknown only if an unknown setting decides it") {
  Snapshot s = snapshot_of({{{{1, {1, 2, 3}, {1, 2, 3}}}, {2}}, {{{2, {2}, {2}}}, {2}}});
  s.settings[1] = {};
  CHECK(words(s) == "0/0 1/0 0/0");  // a single replica: nothing to decide
  s.settings[0] = {};
  CHECK(words(s) == "0/? 1/? 0/?");
  s = snapshot_of({{{{1, {1, 2}, {1}}}, {1}}});
  s.settings.clear();
  CHECK(words(s) == "?/? 0/0 0/0");
}

TEST_CASE("Counts are held if an input is, since the first failure") {
  Snapshot s = snapshot_of({{{{1, {1, 2}, {1, 2}}}, {2}}, {{{2, {2, 3}, {2}}}, {1}}});
  s.settings[0].failing_since = at(7s);
  auto impacts = restart_impacts(s);
  CHECK(impacts[1].stops == fresh(0));
  CHECK(impacts[1].under_min_isr == held(1, 7s));
  CHECK(impacts[2].stops == fresh(1));
  CHECK(impacts[3].under_min_isr == fresh(0));
  s.settings[1].failing_since = at(8s);
  impacts = restart_impacts(s);
  CHECK(impacts[2].stops == held(1, 8s));
  CHECK(impacts[2].under_min_isr == held(1, 7s));
  s.metadata_failing_since = at(5s);
  impacts = restart_impacts(s);
  CHECK(impacts[3].stops == held(0, 5s));
  CHECK(impacts[1].under_min_isr == held(1, 5s));
}
