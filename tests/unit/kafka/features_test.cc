#include <librdkafka/rdkafka.h>

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "kafka/client.h"

// librdkafka's configure script drops what it finds no header for, without a word.
TEST_CASE("librdkafka is the release that we build, with every feature") {
  const std::string features = "," + kafkascope::kafka::librdkafka_features() + ",";
  for (const std::string feature : {"ssl", "sasl", "sasl_plain", "sasl_gssapi", "sasl_scram", "sasl_oauthbearer",
                                    "oidc", "gzip", "snappy", "lz4", "zstd"}) {
    INFO(feature << " among " << features);
    CHECK(features.find("," + feature + ",") != std::string::npos);
  }
  CHECK(std::string(rd_kafka_version_str()) == "2.15.1");
}
