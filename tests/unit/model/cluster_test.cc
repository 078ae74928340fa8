#include "model/cluster.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <utility>
#include <vector>

using namespace kafkascope::model;

namespace {

Metadata cluster(const std::vector<std::pair<std::string, size_t>>& topics) {
  Metadata metadata;
  for (const auto& [name, partitions] : topics) {
    auto& topic = metadata.topics.emplace_back();
    topic.name = name;
    topic.first_partition = metadata.partition_count;
    topic.partitions.resize(partitions);
    metadata.partition_count += static_cast<uint32_t>(partitions);
  }
  return metadata;
}

}  // namespace

TEST_CASE("A topic is found by its full name only") {
  const Metadata metadata = cluster({{"a", 1}, {"ab", 1}, {"b", 1}});
  CHECK(find_topic(metadata, "a") == 0);
  CHECK(find_topic(metadata, "ab") == 1);
  CHECK(find_topic(metadata, "b") == 2);
  for (const char* none : {"", "A", "aa", "abc", "c"}) CHECK(find_topic(metadata, none) == kNoTopic);
  CHECK(find_topic({}, "a") == kNoTopic);
}

TEST_CASE("Partition numbers map to their topic, also next to a topic without partitions") {
  const Metadata metadata = cluster({{"a", 2}, {"b", 0}, {"c", 1}, {"d", 3}});
  std::string names;
  for (uint32_t p = 0; p < metadata.partition_count; ++p) names += topic_of(metadata, p).name;
  CHECK(names == "aacddd");
}

TEST_CASE("Partition numbers are equal if topics, ids and partition counts are") {
  const Metadata metadata = cluster({{"a", 2}, {"b", 1}});
  CHECK(same_partitions(metadata, cluster({{"a", 2}, {"b", 1}})));
  CHECK(same_partitions({}, {}));
  CHECK_FALSE(same_partitions(metadata, cluster({{"a", 2}})));
  CHECK_FALSE(same_partitions(metadata, cluster({{"a", 2}, {"b", 2}})));
  CHECK_FALSE(same_partitions(metadata, cluster({{"a", 2}, {"c", 1}})));
  Metadata made_again = metadata;
  made_again.topics[1].id.fill('x');
  CHECK_FALSE(same_partitions(metadata, made_again));
}

TEST_CASE("In-sync replicas of a partition follow its replicas") {
  Topic topic;
  topic.nodes = {7, 1, 2, 3, 1, 3};
  topic.partitions = {{1, 0, 1, 3, 2}};
  const auto replicas = topic.replicas(topic.partitions[0]);
  const auto in_sync = topic.in_sync(topic.partitions[0]);
  CHECK(std::vector<int32_t>(replicas.begin(), replicas.end()) == std::vector<int32_t>{1, 2, 3});
  CHECK(std::vector<int32_t>(in_sync.begin(), in_sync.end()) == std::vector<int32_t>{1, 3});
}

TEST_CASE("Replicas are out of sync if a leader does not list them") {
  Topic topic;
  topic.nodes = {1, 2, 3, 1, 3, 4, 2, 2, 3, 1};
  const auto behind = [&](const Partition& partition) { return out_of_sync(topic, partition); };
  CHECK(behind({1, 0, 0, 3, 2}) == std::vector<int32_t>{2});
  CHECK(behind({3, 0, 0, 3, 0}) == std::vector<int32_t>{1, 2});  // the leader is not listed itself
  CHECK(behind({kNoBroker, 0, 0, 3, 2}).empty());
  CHECK(behind({1, 0, 0, 3, 3}).empty());
}
