#pragma once

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <functional>
#include <string>
#include <vector>

#include "cluster/kafka_source.h"
#include "kafka/fake_answers.h"

// A fake cluster and a source for it.
namespace kafkascope::cluster {

using namespace kafka;

inline config::Cluster impatient(config::Cluster cluster) {
  cluster.polling.deadline = 5s;
  cluster.polling.request_timeout = 1s;
  return cluster;
}

inline model::PollResult ask(KafkaSource& source, const model::Snapshot& last = {}) {
  return source.poll({.deadline = std::chrono::steady_clock::now() + 1min, .all_earliest = true, .last = &last});
}

/// Asks until what librdkafka does in the background has come about.
inline model::PollResult ask_until(KafkaSource& source, const model::Snapshot& last,
                                   const std::function<bool(const model::PollResult&)>& enough) {
  model::PollResult result;
  REQUIRE(await([&] { return enough(result = ask(source, last)); }));
  return result;
}

inline model::Snapshot known(const model::PollResult& result) {
  model::Snapshot snapshot;
  snapshot.metadata = snapshot.numbering = result.metadata;
  snapshot.earliest.assign(result.metadata->partition_count, {0, {}});
  for (const auto& group : result.groups) snapshot.groups.emplace_back().group = group.group;
  return snapshot;
}

inline bool all_right(const model::PollResult& result) {
  return std::all_of(result.runs.begin(), result.runs.end(), [](auto& run) { return run.success(); });
}

inline const std::vector<GroupIs> kOneGroup{{.id = "g", .state = "Empty"}};

/// A cluster of two topics, and a group that broker 1 coordinates.
inline void fill(FakeKafka& kafka, int32_t brokers) {
  kafka.set_topic("t0", {{1, 0, 10}, {brokers, 0, 20}});
  kafka.set_topic("t1", {{brokers, 3, 30}});
  for (int32_t b = 1; b <= brokers; ++b) {
    kafka.on(b, protocol::kListGroups, group_list(b == 1 ? kOneGroup : std::vector<GroupIs>{}));
    kafka.on(b, protocol::kOffsetFetch, commits({{"g", {{"t0", 1, 7}}}}));
    kafka.on(b, protocol::kDescribeGroups, classic_descriptions({{.id = "g", .error = 16}}));
  }
}

}  // namespace kafkascope::cluster
