#include "config/properties.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

namespace kafkascope::config {
namespace {

TEST_CASE("security.protocol may be in capitals, and is PLAINTEXT by default") {
  struct Row {
    std::string name;
    bool tls, sasl;
  };
  for (const auto& [name, tls, sasl] :
       {Row{"", false, false}, Row{"plaintext", false, false}, Row{"ssl", true, false}, Row{"SSL", true, false},
        Row{"SASL_PLAINTEXT", false, true}, Row{"sasl_plaintext", false, true}, Row{"sasl_ssl", true, true},
        Row{"SASL_SSL", true, true}}) {
    CAPTURE(name);
    Cluster cluster;
    cluster.properties["security.protocol"] = name;
    CHECK(uses_tls(cluster) == tls);
    CHECK(uses_sasl(cluster) == sasl);
  }
  CHECK_FALSE(uses_tls({}));
  CHECK_FALSE(uses_sasl({}));
}

TEST_CASE("A property that is not set is empty") {
  Cluster cluster;
  cluster.properties["sasl.mechanism"] = "PLAIN";
  CHECK(property(cluster, "sasl.mechanism") == "PLAIN");
  CHECK(property(cluster, "sasl.username").empty());
}

}  // namespace
}  // namespace kafkascope::config
