#include "kafka/collect/features.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "kafka/collecting.h"

using namespace kafkascope::kafka;
namespace model = kafkascope::model;
using kafkascope::protocol::Api;

namespace {

constexpr Api kAnyApiVersions{18, "ApiVersions", 0, 4, 3};

std::map<int32_t, std::optional<model::BrokerFeatures>> collect(Asking& asking) {
  std::map<int32_t, std::optional<model::BrokerFeatures>> collected;
  collect_features(asking.requests, asking.metadata(), collected, asking.failures);
  return collected;
}

using Levels = model::FeatureLevels;

}  // namespace

TEST_CASE("Every broker reports the features that it supports, and those of the cluster") {
  FakeKafka kafka(3);
  kafka.set_features(1, {{{"metadata.version", 29}, {"group.version", 1}}, {{"metadata.version", 21}}, 7});
  kafka.set_features(2, {{{"metadata.version", 21}}, {{"metadata.version", 21}}, 6});
  const auto client = connected(kafka.config(), 3);
  Asking asking(*client);
  const auto features = collect(asking);
  CHECK(asking.failures.take() == kNone);
  REQUIRE(features.size() == 3);
  CHECK(features.at(1)->max_levels == Levels{{"metadata.version", 29}, {"group.version", 1}});
  CHECK(features.at(1)->finalized == Levels{{"metadata.version", 21}});
  CHECK(features.at(1)->finalized_epoch == 7);
  CHECK(features.at(2)->max_levels == Levels{{"metadata.version", 21}});
  CHECK(features.at(2)->finalized_epoch == 6);
  CHECK(features.at(3)->max_levels.empty());  // ZooKeeper
  CHECK(features.at(3)->finalized_epoch == -1);
  CHECK(asking.sent(kAnyApiVersions) <= 6);  // one each, and one each for the versions of a new connection
}

TEST_CASE("Brokers before Kafka 2.4 have no features, and are not asked") {
  FakeKafka kafka(2);
  kafka.set_features(1, {{{"metadata.version", 29}}});
  kafka.limit_api_versions(2, 2);
  const auto client = connected(kafka.config(), 2);
  Asking asking(*client);
  const auto features = collect(asking);
  CHECK(asking.failures.take() == kNone);
  REQUIRE(features.size() == 1);
  CHECK(features.at(1)->max_levels == Levels{{"metadata.version", 29}});
}

TEST_CASE("A broker that is silent costs its own features only") {
  FakeKafka kafka(2);
  kafka.set_features(1, {{{"metadata.version", 29}}});
  const auto client = connected(kafka.config(), 2);
  Asking asking(*client, 1s);
  kafka.freeze(2);
  const auto features = collect(asking);
  CHECK(asking.failure().reason == model::Reason::kTimeout);
  REQUIRE(features.size() == 2);
  CHECK(features.at(1)->max_levels == Levels{{"metadata.version", 29}});
  CHECK_FALSE(features.at(2));
}
