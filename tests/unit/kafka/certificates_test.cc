#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <map>
#include <set>
#include <vector>

#include "kafka/collecting.h"
#include "kafka/limits.h"

using namespace kafkascope::kafka;
namespace config = kafkascope::config;
namespace model = kafkascope::model;
using kafkascope::protocol::kListOffsets;
using std::chrono::steady_clock;

namespace {

constexpr time_t kDay = 86400;

/// TLS with certificates that are not verified: nobody has signed them.
config::Cluster tls(const FakeKafka& kafka) {
  config::Cluster cluster = kafka.config();
  cluster.properties = {{"security.protocol", "ssl"}, {"enable.ssl.certificate.verification", "false"}};
  return cluster;
}

std::map<int32_t, int64_t> expiries(const Client& client) {
  std::map<int32_t, int64_t> expiries;
  for (const auto& [id, certificate] : client.certificates().brokers) expiries[id] = certificate.expiry;
  return expiries;
}
using Expiries = std::map<int32_t, int64_t>;

}  // namespace

TEST_CASE("The certificate that counts is the first of a broker's chain to expire") {
  const time_t now = time(nullptr);
  const std::vector<std::vector<time_t>> chains{{now + 60}, {now + 5 * kDay, now + kDay, now + 9 * kDay}, {now - kDay}};
  for (const auto& chain : chains) {
    FakeKafka kafka(2);
    kafka.use_tls(chain);
    const auto client = connected(tls(kafka), 2);
    const int64_t first = *std::min_element(chain.begin(), chain.end());
    CHECK(await([&] { return expiries(*client) == Expiries{{1, first}, {2, first}}; }));
    CHECK_FALSE(client->certificates().own);
  }
}

TEST_CASE("Without TLS, and of bootstrap servers, no certificates are known") {
  FakeKafka kafka(2);
  const auto client = connected(kafka.config(), 2);  // without TLS
  CHECK(expiries(*client).empty());
  kafka.use_tls();
  config::Cluster cluster = kafka.config();
  cluster.properties = {{"security.protocol", "ssl"}};
  const Client refusing(cluster);
  CHECK(await([&] {
    const auto error = refusing.connection_error();
    return error && error->reason() == model::Reason::kTls;
  }));
  CHECK(expiries(refusing).empty());
}

TEST_CASE("A renewed certificate is seen once the broker is connected to anew, which happens only if it expires soon") {
  const time_t now = time(nullptr), soon = now + kDay, late = now + 90 * kDay;
  const auto much_later = steady_clock::now() + 2 * kHandshakeInterval;
  FakeKafka kafka(1, 1);
  kafka.use_tls({soon});
  const auto client = connected(tls(kafka), 1);
  const auto handshake = [&] { return client->certificates().brokers.at(1).handshake; };
  REQUIRE(await([&] { return expiries(*client) == Expiries{{1, soon}}; }));
  kafka.use_tls({late});
  const auto offsets = [&] {
    Asking asking(*client);
    return asking.requests.answered();
  };
  const auto before = handshake();
  client->renew_handshakes(steady_clock::now());  // too soon
  CHECK(offsets() == std::set<int32_t>{1});
  CHECK(handshake() == before);

  client->renew_handshakes(much_later);
  CHECK(await([&] { return expiries(*client) == Expiries{{1, late}}; }));
  CHECK(offsets() == std::set<int32_t>{1});

  const auto renewed = handshake();
  client->renew_handshakes(much_later);  // not soon enough
  CHECK(offsets() == std::set<int32_t>{1});
  CHECK(handshake() == renewed);
}

TEST_CASE("A connection with a request in flight is not ended for the sake of its certificate") {
  FakeKafka kafka(1, 1);
  kafka.use_tls({time(nullptr) + kDay});
  const auto client = connected(tls(kafka), 1);
  kafka.delay(1, 300ms);
  Asking asking(*client);
  bool answered = false;
  asking.requests.ask({1, &kafkascope::protocol::kMetadata,
                       [](int16_t version) { return kafkascope::protocol::encode_metadata(version); },
                       [&](int16_t, std::string_view) { answered = true; },
                       [](const Error& error) { FAIL(error.what()); }});
  client->renew_handshakes(steady_clock::now() + 2 * kHandshakeInterval);
  asking.requests.run();
  CHECK(answered);
}

TEST_CASE("Of two clients, the later handshake with each broker counts") {
  const auto at = [](int seconds) { return model::Time{std::chrono::seconds(seconds)}; };
  model::Certificates certificates{{{1, {100, at(1)}}, {2, {200, at(5)}}}, {}};
  certificates.merge({{{1, {150, at(2)}}, {2, {250, at(4)}}, {3, {300, at(1)}}}, 77});
  CHECK(certificates.brokers.at(1).expiry == 150);
  CHECK(certificates.brokers.at(2).expiry == 200);
  CHECK(certificates.brokers.at(3).expiry == 300);
  CHECK(certificates.own == 77);
  certificates.merge({{}, 88});
  CHECK(certificates.own == 77);
}
