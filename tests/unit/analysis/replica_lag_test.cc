#include "analysis/replica_lag.h"

#include <catch2/catch_test_macros.hpp>

#include "analysis/poll_results.h"

using namespace kafkascope::analysis;
namespace model = kafkascope::model;

namespace {

using Lags = std::map<int32_t, Value>;

/// Brokers 1 to 3. Partitions 0 and 1, which 1 leads: `in_sync` are their in-sync replicas of 1, 2 and 3.
PollResult poll_of(std::chrono::milliseconds when, const std::vector<int32_t>& in_sync,
                   std::vector<model::ReplicaEnd> ends) {
  auto metadata = std::make_shared<model::Metadata>();
  metadata->cluster_id = "c";
  for (int id = 1; id <= 3; ++id) metadata->brokers.push_back({id, "host", 9092, ""});
  add_topic(*metadata, "a", {{1, {1, 2, 3}, in_sync}, {1, {1, 2, 3}, in_sync}});
  auto result = poll(when, metadata);
  result.replica_ends = std::move(ends);
  return result;
}

const std::vector<int32_t> kAll{1, 2, 3};

}  // namespace

TEST_CASE("Brokers whose replicas are in sync are not behind") {
  CHECK(Story().then(poll_of(0s, kAll, {})).replica_lags == Lags{{1, fresh(0)}, {2, fresh(0)}, {3, fresh(0)}});
}

TEST_CASE("Lags of replicas that are out of sync are summed by broker") {
  const auto lags = Story().then(poll_of(0s, {1}, {{2, 0, 60}, {2, 1, 99}, {3, 0, 0}, {3, 1, 100}})).replica_lags;
  CHECK(lags == Lags{{1, fresh(0)}, {2, fresh(41)}, {3, fresh(100)}});
}

TEST_CASE("A replica whose log ends after its leader's is not ahead, nor does it hide another one's lag") {
  CHECK(Story().then(poll_of(0s, {1, 3}, {{2, 0, 150}, {2, 1, 90}})).replica_lags.at(2) == fresh(10));
}

TEST_CASE("A lag with an unknown part is held as it was, then unknown; other brokers' lags stay fresh") {
  Story story({.hold = 1min});
  story.then(poll_of(0s, {1}, {{2, 0, 60}, {2, 1, 99}, {3, 0, 0}, {3, 1, 0}}));
  const auto later = [&](std::chrono::milliseconds when) {
    return story.then(poll_of(when, {1}, {{2, 0, 70}, {3, 0, 50}, {3, 1, 50}})).replica_lags;
  };
  CHECK(later(15s) == Lags{{1, fresh(0)}, {2, held(41, 15s)}, {3, fresh(100)}});
  CHECK(later(74s).at(2) == held(41, 15s));
  CHECK_FALSE(later(75s).at(2).known());
}

TEST_CASE("A lag is never computed from a held end offset") {
  Story story({.hold = 1min});
  story.then(poll_of(0s, {1, 3}, {{2, 0, 60}, {2, 1, 100}}));
  auto result = poll_of(15s, {1, 3}, {{2, 0, 90}, {2, 1, 100}});
  result.latest[0] = model::kFailedOffset;
  CHECK(story.then(std::move(result)).replica_lags.at(2) == held(40, 15s));
}

TEST_CASE("Lags are held without metadata, and of brokers that are gone there are none") {
  Story story({.hold = 1min});
  story.then(poll_of(0s, {1, 3}, {{2, 0, 60}, {2, 1, 100}}));
  CHECK(story.then(silent_poll(15s, story.now())).replica_lags ==
        Lags{{1, held(0, 15s)}, {2, held(40, 15s)}, {3, held(0, 15s)}});
  CHECK(story.then(silent_poll(2min, story.now())).replica_lags.empty());
  auto result = poll_of(3min, {1, 3}, {});
  auto metadata = *result.metadata;
  std::erase_if(metadata.brokers, [](const auto& broker) { return broker.id == 2; });
  result.metadata = std::make_shared<model::Metadata>(metadata);
  CHECK(story.then(std::move(result)).replica_lags == Lags{{1, fresh(0)}, {3, fresh(0)}});
}
