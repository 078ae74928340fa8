#include "web/service_discovery.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

using namespace kafkascope;
using web::discovered_targets;
using web::is_host;

namespace {

std::vector<model::ClusterStatus> clusters(const std::vector<std::string>& names) {
  std::vector<model::ClusterStatus> result(names.size());
  for (size_t i = 0; i < names.size(); ++i) result[i].name = names[i];
  return result;
}

}  // namespace

TEST_CASE("Each cluster is a target") {
  CHECK(discovered_targets(clusters({"a", "b"}), "exporter:9308", "/metrics") ==
        "[\n"
        R"(  {"targets": ["exporter:9308"], "labels": {"__param_cluster": "a", "kafka_cluster": "a"}},)"
        "\n"
        R"(  {"targets": ["exporter:9308"], "labels": {"__param_cluster": "b", "kafka_cluster": "b"}})"
        "\n]\n");
}

TEST_CASE("A ZooKeeper ensemble is no target") {
  auto targets = clusters({"a", "b"});
  targets[0].kind = "ZooKeeper";
  CHECK(discovered_targets(targets, "h", "/metrics") == discovered_targets(clusters({"b"}), "h", "/metrics"));
}

TEST_CASE("A cluster without a name is a target without parameter") {
  CHECK(discovered_targets(clusters({""}), "[::1]:9308", "/metrics") ==
        "[\n  {\"targets\": [\"[::1]:9308\"], \"labels\": {}}\n]\n");
}

TEST_CASE("Names cannot break the JSON, and another path is a label") {
  CHECK(discovered_targets(clusters({"a\"\\\n"}), "h", "/kafka/metrics") ==
        "[\n"
        R"(  {"targets": ["h"], "labels": {"__metrics_path__": "/kafka/metrics", )"
        R"("__param_cluster": "a\"\\\u000a", "kafka_cluster": "a\"\\\u000a"}})"
        "\n]\n");
}

TEST_CASE("Hosts") {
  for (const char* text : {"a", "a.example.com:9308", "10.0.0.1", "[::1]:80", "a_b"}) CHECK(is_host(text));
  for (const char* text : {"", "a b", "a\"", "a/b", "a@b", "\xc3\xa4", "a,b"}) CHECK_FALSE(is_host(text));
}
