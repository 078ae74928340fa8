#include "cluster/problems.h"

#include <catch2/catch_test_macros.hpp>

using namespace kafkascope;
using Problems = std::vector<std::string>;

namespace {

/// Topics a and b with two partitions each.
model::Snapshot two_topics() {
  auto metadata = std::make_shared<model::Metadata>();
  metadata->topics.resize(2);
  for (uint32_t topic = 0; topic < 2; ++topic) {
    metadata->topics[topic].name = topic == 0 ? "a" : "b";
    metadata->topics[topic].first_partition = 2 * topic;
    metadata->topics[topic].partitions.resize(2);
  }
  metadata->partition_count = 4;
  model::Snapshot snapshot;
  snapshot.metadata = snapshot.numbering = metadata;
  return snapshot;
}

void add_group(model::Snapshot& snapshot, const std::string& id, model::PartitionRef partition, int64_t committed) {
  auto& group = snapshot.groups.emplace_back();
  group.group.id = id;
  group.partitions.emplace_back().partition = partition;
  group.partitions.back().last_committed = committed;
}

}  // namespace

TEST_CASE("A hanging transaction is shown with its ids and the groups that wait at its first record") {
  auto snapshot = two_topics();
  CHECK(cluster::problems(snapshot).empty());
  snapshot.hanging[3] = {model::HangingTransaction::Reason::kTimedOut, 7, 2, 5, "payments-1"};
  CHECK(cluster::problems(snapshot) ==
        Problems{"b-1: a hanging transaction of transactional id payments-1 (producer 7, "
                 "epoch 2) holds back consumers with read_committed at offset 5"});
  add_group(snapshot, "behind", {1, 1}, 4);
  add_group(snapshot, "elsewhere", {1, 0}, 5);
  add_group(snapshot, "waits", {1, 1}, 5);
  add_group(snapshot, "waits-too", {1, 1}, 5);
  snapshot.hanging[3].transactional_id.clear();
  CHECK(cluster::problems(snapshot) ==
        Problems{"b-1: a hanging transaction (producer 7, epoch 2) holds back consumers with read_committed at offset "
                 "5; waiting groups: waits, waits-too"});
}

TEST_CASE("Ten problems are shown, and how many more there are") {
  model::Snapshot snapshot;
  for (int32_t id = 1; id <= 12; ++id) snapshot.replica_lags[id] = model::Value{100 + id, {}};
  snapshot.replica_lags[13] = model::Value{0, {}};
  snapshot.replica_lags[14] = {};
  const auto found = cluster::problems(snapshot);
  REQUIRE(found.size() == 11);
  CHECK(found.front() == "broker 1: its replicas are 101 records behind");
  CHECK(found.back() == "and 2 more");
}

TEST_CASE("The names of many waiting groups are limited") {
  auto snapshot = two_topics();
  snapshot.hanging[0] = {model::HangingTransaction::Reason::kTimedOut, 7, 2, 5, ""};
  for (int i = 0; i < 100; ++i) add_group(snapshot, "a-group-with-a-long-name-" + std::to_string(i), {0, 0}, 5);
  const auto found = cluster::problems(snapshot);
  REQUIRE(found.size() == 1);
  CHECK(found[0].size() < 400);
  CHECK(found[0].ends_with(" more"));
}
