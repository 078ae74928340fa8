#include "kafka/error.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <string>

using kafkascope::kafka::Error;
using kafkascope::kafka::kafka_code;
using kafkascope::kafka::reason;
using kafkascope::model::Reason;

TEST_CASE("Every code of librdkafka or Kafka has one reason") {
  struct Row {
    rd_kafka_resp_err_t code;
    Reason reason;
  };
  const auto [code, expected] = GENERATE(values<Row>({
      {RD_KAFKA_RESP_ERR__AUTHENTICATION, Reason::kAuthentication},
      {RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED, Reason::kAuthentication},
      {RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, Reason::kAuthorization},
      {RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED, Reason::kAuthorization},
      {RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, Reason::kAuthorization},
      {RD_KAFKA_RESP_ERR__SSL, Reason::kTls},
      {RD_KAFKA_RESP_ERR__TRANSPORT, Reason::kUnreachable},
      {RD_KAFKA_RESP_ERR__RESOLVE, Reason::kUnreachable},
      {RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, Reason::kUnreachable},
      {RD_KAFKA_RESP_ERR__UNKNOWN_BROKER, Reason::kUnreachable},
      {RD_KAFKA_RESP_ERR__DESTROY_BROKER, Reason::kUnreachable},
      {RD_KAFKA_RESP_ERR__TIMED_OUT, Reason::kTimeout},
      {RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE, Reason::kTimeout},
      {RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, Reason::kTimeout},
      {RD_KAFKA_RESP_ERR__BAD_MSG, Reason::kProtocol},
      {RD_KAFKA_RESP_ERR__UNDERFLOW, Reason::kProtocol},
      {RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, Reason::kProtocol},
      {RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION, Reason::kProtocol},
      {RD_KAFKA_RESP_ERR_INVALID_REQUEST, Reason::kProtocol},
      {RD_KAFKA_RESP_ERR_NOT_COORDINATOR, Reason::kOther},
      {RD_KAFKA_RESP_ERR_UNKNOWN, Reason::kOther},
      {RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR, Reason::kOther},
  }));
  INFO(rd_kafka_err2name(code));
  CHECK(reason(code) == expected);
}

TEST_CASE(
    "A connection that ends in the TLS handshake, or by TLS, is a TLS failure, whatever the code; another protocol is "
    "none") {
  using kafkascope::kafka::connection_reason;
  constexpr auto kTransport = RD_KAFKA_RESP_ERR__TRANSPORT;
  CHECK(connection_reason(kTransport, "Disconnected: SSL connection closed by peer", true) == Reason::kTls);
  CHECK(connection_reason(kTransport, "Disconnected: SSL connection closed by peer", false) == Reason::kUnreachable);
  CHECK(connection_reason(kTransport, "error:0A00045C:SSL routines::tlsv13 alert", false) == Reason::kTls);
  CHECK(connection_reason(RD_KAFKA_RESP_ERR__SSL, "Failed to verify broker certificate", false) == Reason::kTls);
  CHECK(connection_reason(kTransport, "Receive failed: Invalid response size 1213486160 (0..1000)", false) ==
        Reason::kProtocol);
  CHECK(connection_reason(kTransport, "Connection setup timed out in state SSL_HANDSHAKE", true) == Reason::kTimeout);
  CHECK(connection_reason(RD_KAFKA_RESP_ERR__AUTHENTICATION, "SASL PLAIN mechanism handshake failed: Local: Timed out",
                          false) == Reason::kTimeout);
  CHECK(connection_reason(RD_KAFKA_RESP_ERR__AUTHENTICATION, "", false) == Reason::kAuthentication);
}

TEST_CASE("Any number may come as a code: those that are not Kafka's are unknown, also librdkafka's own") {
  CHECK(kafka_code(0) == RD_KAFKA_RESP_ERR_NO_ERROR);
  CHECK(kafka_code(16) == RD_KAFKA_RESP_ERR_NOT_COORDINATOR);
  CHECK(reason(kafka_code(200)) == Reason::kOther);  // of a Kafka to come
  for (const int code : {-32768, -195, -1, 256, 12345, 32767})
    CHECK(kafka_code(static_cast<int16_t>(code)) == RD_KAFKA_RESP_ERR_UNKNOWN);
}

TEST_CASE("An error says what was being done, then what Kafka said") {
  const Error error(RD_KAFKA_RESP_ERR_NOT_COORDINATOR, "describing group g");
  CHECK(std::string(error.what()) == "describing group g: Broker: Not coordinator");
  CHECK(error.failure() == kafkascope::model::Failure{Reason::kOther, error.what()});
}

TEST_CASE("An error of our own words keeps them") {
  const Error error(Reason::kTls, "the certificate of broker 1 has expired");
  CHECK(error.reason() == Reason::kTls);
  CHECK(std::string(error.what()) == "the certificate of broker 1 has expired");
}
