#include "kafka/hint.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

using namespace kafkascope::kafka;

namespace {

constexpr Protocol kPlaintext{}, kTlsOnly{.tls = true}, kSaslOnly{.sasl = true}, kBoth{.tls = true, .sasl = true},
    kIam{.tls = true, .sasl = true, .aws_iam = true};

std::string hint(Stage stage, std::string_view why, Protocol client) {
  return std::string(hint_for(stage, why, client));
}

}  // namespace

TEST_CASE("A failed connection has a hint that names the setting to change") {
  struct Row {
    Stage stage;
    std::string why;
    Protocol client;
    std::string part;  ///< Of the hint; empty: no hint.
  };
  const std::string tls_closed = "SSL handshake failed: Disconnected: SSL connection closed by peer";
  const std::string wrong_state =
      "SASL PLAIN mechanism handshake failed: Broker: Request not valid in current SASL state";
  const std::string alert = "Receive failed: error:0A000412:SSL routines::";
  const Row rows[] = {
      {Stage::kConnect, "Failed to resolve 'a:9092': Name or service not known", kPlaintext, "DNS"},
      {Stage::kConnect, "Connect to ipv4#127.0.0.1:1 failed: Connection refused", kPlaintext, "--kafka.server"},
      {Stage::kConnect, "Connection setup timed out in state CONNECT", kPlaintext, "firewall"},
      {Stage::kTls, "Connection setup timed out in state SSL_HANDSHAKE", kTlsOnly, "--tls.enabled"},
      {Stage::kLogin, "SASL PLAIN mechanism handshake failed: Local: Timed out", kSaslOnly, "the server is slow"},
      {Stage::kTls, tls_closed, kTlsOnly, "leave out tls.enabled"},
      {Stage::kTls, tls_closed, kBoth, "leave out tls.enabled"},
      {Stage::kTls, "SSL handshake failed: error:0A00010B:SSL routines::wrong version number", kTlsOnly,
       "does not use TLS"},
      {Stage::kTls, std::string(certificate_fault(10)), kTlsOnly, "renew"},
      {Stage::kTls, std::string(certificate_fault(9)), kTlsOnly, "clocks"},
      {Stage::kTls, std::string(certificate_fault(62)), kTlsOnly, "subjectAltName"},
      {Stage::kTls, std::string(certificate_fault(20)), kTlsOnly, "--tls.ca-file"},
      {Stage::kTls, "certificate verify failed: of another kind", kTlsOnly, "--tls.ca-file"},
      {Stage::kTls, "SSL routines::tlsv1 alert protocol version", kTlsOnly, "ssl.enabled.protocols"},
      {Stage::kVersions, alert + "sslv3 alert bad certificate", kTlsOnly, "--tls.cert-file"},
      {Stage::kVersions, alert + "tlsv13 alert certificate required", kTlsOnly, "--tls.key-file"},
      {Stage::kVersions, alert + "sslv3 alert certificate unknown", kBoth, "rejects the client certificate"},
      {Stage::kVersions, alert + "tlsv1 alert unknown ca", kTlsOnly, "rejects the client certificate"},
      {Stage::kVersions, std::string(closed_in(Stage::kVersions)), kPlaintext, "TLS or SASL"},
      {Stage::kVersions, std::string(closed_in(Stage::kVersions)), kSaslOnly, "set tls.enabled"},
      {Stage::kVersions, std::string(closed_in(Stage::kVersions)), kTlsOnly, "client certificate"},
      {Stage::kLogin, wrong_state, kSaslOnly, "leave out sasl.enabled"},
      {Stage::kLogin, "SASL handshake failed: Broker: Unsupported SASL mechanism: PLAIN", kSaslOnly,
       "--sasl.mechanism"},
      {Stage::kLogin, "SASL authentication error: Authentication failed: Invalid username or password", kBoth,
       "sasl.password_file"},
      {Stage::kConnect, "Failed to acquire SASL OAUTHBEARER token: {\"error\":\"invalid_client\"}", kSaslOnly,
       "secret"},
      {Stage::kConnect, "Failed to acquire SASL OAUTHBEARER token: {\"error\":\"invalid_scope\"}", kSaslOnly,
       "sasl.oauthbearer.scopes"},
      {Stage::kConnect, "Failed to acquire SASL OAUTHBEARER token: {\"error\":\"invalid_grant\"}", kSaslOnly,
       "assertion.claim"},
      {Stage::kConnect, "Failed to acquire SASL OAUTHBEARER token: Failed to create JWT assertion", kSaslOnly,
       "assertion.file"},
      {Stage::kConnect, "Failed to acquire SASL OAUTHBEARER token: SSL certificate problem: self-signed", kSaslOnly,
       "https.ca.location"},
      {Stage::kConnect, "Failed to acquire SASL OAUTHBEARER token: HTTP 404", kSaslOnly, "token_url"},
      {Stage::kLogin, "SASL authentication error: {\"status\":\"invalid_token\"}", kSaslOnly, "audience"},
      {Stage::kLogin, "GSSAPI Error: No credentials (Decrypt integrity check failed)", kSaslOnly, "export"},
      {Stage::kLogin, "GSSAPI Error: (Server nobody/a@B not found in Kerberos database)", kSaslOnly,
       "--sasl.service-name"},
      {Stage::kLogin, "GSSAPI Error: No credentials (Cannot contact any KDC for realm 'B')", kSaslOnly, "krb5.conf"},
      {Stage::kLogin, "GSSAPI Error: (Clock skew too great)", kSaslOnly, "clocks"},
      {Stage::kLogin, "GSSAPI Error: No credentials (Key table file not found)", kSaslOnly, "--sasl.keytab-path"},
      {Stage::kLogin, "Disconnected", kSaslOnly, ""},
      {Stage::kLogin, "Access denied", kIam, "kafka-cluster:Connect"},
      {Stage::kLogin, "Too many connects", kIam, "limits new connections"},
      {Stage::kLogin, "SASL handshake failed: Broker: Unsupported SASL mechanism: OAUTHBEARER", kIam, "9098"},
      {Stage::kUp, std::string(closed_in(Stage::kUp)), kPlaintext, "--sasl.enabled"},
      {Stage::kUp, std::string(closed_in(Stage::kUp)), kTlsOnly, "--sasl.enabled"},
      {Stage::kUp, std::string(closed_in(Stage::kUp)), kSaslOnly, ""},
  };
  for (const Row& row : rows) {
    const std::string actual = hint(row.stage, row.why, row.client);
    CAPTURE(row.why, actual);
    CHECK(actual.find(row.part) != actual.npos);
    CHECK(actual.empty() == row.part.empty());
  }
}

TEST_CASE("The name of a connection contains the id and the address of a broker, unless it is a bootstrap server") {
  for (const std::string_view name : {"ssl://kafka-1:9093/12", "kafka-1:9093/12"}) {
    const auto broker = advertised_broker(name);
    REQUIRE(broker);
    CHECK(broker->id == 12);
    CHECK(broker->address == "kafka-1:9093");
  }
  for (const std::string_view name :
       {"", "kafka-1:9093", "ssl://kafka-1:9093/bootstrap", "kafka-1:9093/", "GroupCoordinator"})
    CHECK_FALSE(advertised_broker(name));
}

TEST_CASE("The id that MSK gives each refused login is left out") {
  CHECK(in_plain_words("SASL authentication error: [cc8333d3-37a9-4bb8-9d5a-1b1127502cad]: Access denied") ==
        "Access denied");
  for (const std::string_view other : {"", "[", "[thrd:main]: gone", "no id ]: here"})
    CHECK(in_plain_words(other) == other);
}

TEST_CASE("A failed TLS handshake has one text, whenever the connection closed") {
  CHECK(handshake_fault("SSL handshake failed: Disconnected: closed: connecting to a PLAINTEXT broker listener?") ==
        "Disconnected: closed");
  CHECK(handshake_fault("Disconnected: closed") == "Disconnected: closed");
  CHECK(handshake_fault("").empty());
}
