#include "kafka/collect/metadata.h"

#include <catch2/catch_test_macros.hpp>
#include <vector>

#include "kafka/collecting.h"

using namespace kafkascope::kafka;

TEST_CASE("Partitions are the same in whichever order a broker tells of them") {
  FakeKafka kafka(1);
  kafka.set_topic("a", {{.leader = 1, .replicas = {1, 2}, .in_sync = {1}},
                        {.leader = 2, .replicas = {2, 3, 1}, .in_sync = {2, 3}},
                        {.leader = -1, .replicas = {4}, .in_sync = {}}});
  const auto client = connected(kafka.config(), 1);
  for (int i = 0; i < 2; ++i) {  // the other way round each time
    const Asking asking(*client);
    const auto& topic = asking.metadata().topics.front();
    CHECK(topic.nodes == std::vector<int32_t>{1, 2, 1, 2, 3, 1, 2, 3, 4});
    std::vector<int32_t> leaders, counts;
    for (const auto& partition : topic.partitions) {
      leaders.push_back(partition.leader);
      counts.insert(counts.end(), {static_cast<int32_t>(partition.first_node), partition.replicas, partition.in_sync});
    }
    CHECK(leaders == std::vector<int32_t>{1, 2, -1});
    CHECK(counts == std::vector<int32_t>{0, 2, 1, 3, 3, 2, 8, 1, 0});
  }
}

TEST_CASE("No topic is visible: a topic by name shows whether topics are hidden") {
  for (const bool hidden : {false, true}) {
    FakeKafka kafka(1, hidden ? 1 : 0);
    if (hidden) kafka.hide_topics();
    const auto client = connected(kafka.config(), 1);
    auto requests = requests_to(*client, 1min);
    Failures failures;
    const int32_t brokers[] = {1};
    const auto metadata = collect_metadata(requests, brokers, kafkascope::config::Filter(), failures);
    REQUIRE(metadata);
    CHECK(metadata->topics.empty());
    CHECK(requests.sent().at("Metadata") == 2);
    const auto found = failures.take();
    REQUIRE(found.size() == (hidden ? 1 : 0));
    if (hidden) CHECK(found[0].reason == kafkascope::model::Reason::kAuthorization);
  }
}
