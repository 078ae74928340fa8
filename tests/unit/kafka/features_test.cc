#include <librdkafka/rdkafka.h>

#include <catch2/catch_test_macros.hpp>
#include <string>

// librdkafka's configure script drops what it finds no header for, without a word.
TEST_CASE("librdkafka is the release that we build, with every feature") {
  char value[512];
  size_t size = sizeof value;
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  const rd_kafka_conf_res_t result = rd_kafka_conf_get(conf, "builtin.features", value, &size);
  rd_kafka_conf_destroy(conf);
  REQUIRE(result == RD_KAFKA_CONF_OK);

  const std::string features = "," + std::string(value) + ",";
  for (const std::string feature : {"ssl", "sasl", "sasl_plain", "sasl_gssapi", "sasl_scram", "sasl_oauthbearer",
                                    "oidc", "gzip", "snappy", "lz4", "zstd"}) {
    INFO(feature << " among " << value);
    CHECK(features.find("," + feature + ",") != std::string::npos);
  }
  CHECK(std::string(rd_kafka_version_str()) == "2.15.1");
}
