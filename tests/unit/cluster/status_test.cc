#include "cluster/status.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>

using namespace kafkascope::cluster;
namespace config = kafkascope::config;
namespace model = kafkascope::model;
using model::Collector;
using model::Reason;
using namespace std::chrono_literals;

namespace {

config::Cluster two_servers() {
  config::Cluster cluster;
  cluster.name = "west";
  cluster.servers = {"a:9092", "b:9092"};
  return cluster;
}

model::Snapshot small_cluster() {
  auto metadata = std::make_shared<model::Metadata>();
  metadata->cluster_id = "id";
  metadata->brokers.resize(3);
  metadata->topics.resize(2);
  metadata->partition_count = 7;
  model::Snapshot snapshot;
  snapshot.up = true;
  snapshot.metadata = metadata;
  snapshot.groups.resize(4);
  return snapshot;
}

const model::CollectorStatus& of(const model::ClusterStatus& status, const Collector& collector) {
  const auto found = std::find_if(status.collectors.begin(), status.collectors.end(),
                                  [&](auto& candidate) { return candidate.name == collector.name; });
  REQUIRE(found != status.collectors.end());
  return *found;
}

constexpr model::WallTime kNoon{1'700'000'000s};

}  // namespace

TEST_CASE("Before the first poll a cluster is what was configured, and every collector has not run") {
  const auto status = initial_status(two_servers());
  CHECK(status.name == "west");
  CHECK(status.servers == "a:9092,b:9092");
  CHECK_FALSE(status.polled);
  CHECK_FALSE(status.up);
  REQUIRE(status.collectors.size() == model::kKafkaCollectors.size());
  for (size_t c = 0; c < status.collectors.size(); ++c) {
    CHECK(status.collectors[c].name == model::kKafkaCollectors[c].name);
    CHECK_FALSE(status.collectors[c].ran);
  }
}

TEST_CASE("The certificate that expires first is named, of brokers that are known and of the client") {
  auto snapshot = small_cluster();
  const auto first = [&] {
    const auto status = next_status(initial_status(two_servers()), {}, kNoon, 0.5, snapshot);
    return std::pair{status.first_expiry_unix_seconds, status.first_expiry_of};
  };
  using Pair = std::pair<double, std::string>;
  CHECK(first() == Pair{0, ""});
  snapshot.brokers = {{1, {true, {}}}, {2, {true, {}}}};
  snapshot.certificates.brokers = {{1, {5000, {}}}, {2, {4000, {}}}, {3, {1000, {}}}};
  CHECK(first() == Pair{4000, "broker 2"});
  snapshot.certificates.own = 3000;
  CHECK(first() == Pair{3000, "client certificate"});
}

TEST_CASE("After a poll it says what there is, and how each collector fared") {
  const auto status = next_status(
      initial_status(two_servers()),
      {{Collector::kMetadata, 0.25, {}},
       {Collector::kGroups,
        0.5,
        {{Reason::kTimeout, "broker 2 does not answer", "look at it"}, {Reason::kOther, "something else"}}}},
      kNoon, 1.5, small_cluster());
  CHECK(status.name == "west");
  CHECK(status.polled);
  CHECK(status.up);
  CHECK(status.cluster_id == "id");
  CHECK(status.brokers == 3);
  CHECK(status.topics == 2);
  CHECK(status.partitions == 7);
  CHECK(status.groups == 4);
  CHECK(status.last_poll_unix_seconds == 1.7e9);
  CHECK(status.last_poll_duration_seconds == 1.5);

  const auto& metadata = of(status, Collector::kMetadata);
  CHECK(metadata.ran);
  CHECK(metadata.success);
  CHECK(metadata.duration_seconds == 0.25);
  CHECK(metadata.last_success_unix_seconds == 1.7e9);
  CHECK(metadata.last_error.empty());
  const auto& groups = of(status, Collector::kGroups);
  CHECK(groups.ran);
  CHECK_FALSE(groups.success);
  CHECK(groups.last_success_unix_seconds == 0);
  CHECK(groups.last_error == "timeout: broker 2 does not answer (and 1 more)");
  CHECK(groups.last_hint == "look at it");
  CHECK_FALSE(of(status, Collector::kOffsets).ran);
}

TEST_CASE("A collector that fails keeps the time of its last success; one that succeeds again has no error") {
  auto status = next_status(initial_status(two_servers()), {{Collector::kGroups, 0.5, {}}}, kNoon, 1, small_cluster());
  status = next_status(std::move(status), {{Collector::kGroups, 0.5, {{Reason::kTls, "no"}}}}, kNoon + 15s, 1,
                       small_cluster());
  const auto& groups = of(status, Collector::kGroups);
  CHECK_FALSE(groups.success);
  CHECK(groups.last_error == "tls: no");
  CHECK(groups.last_hint.empty());
  CHECK(groups.last_success_unix_seconds == 1.7e9);
  status = next_status(std::move(status), {{Collector::kGroups, 0.5, {}}}, kNoon + 30s, 1, small_cluster());
  CHECK(of(status, Collector::kGroups).last_error.empty());
  CHECK(of(status, Collector::kGroups).last_success_unix_seconds == 1.7e9 + 30);
}

TEST_CASE("A cluster that is no longer held has nothing, but keeps the id that it was known by") {
  auto status = next_status(initial_status(two_servers()), {}, kNoon, 1, small_cluster());
  status = next_status(std::move(status), {}, kNoon + 15s, 1, {});
  CHECK_FALSE(status.up);
  CHECK(status.brokers == 0);
  CHECK(status.topics == 0);
  CHECK(status.partitions == 0);
  CHECK(status.groups == 0);
  CHECK(status.cluster_id == "id");
}
