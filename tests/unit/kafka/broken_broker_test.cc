#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "kafka/await.h"
#include "kafka/collect/group_offsets.h"
#include "kafka/collect/groups.h"
#include "kafka/collect/metadata.h"
#include "kafka/collect/offsets.h"
#include "kafka/collecting.h"
#include "kafka/fake_kafka.h"
#include "kafka/limits.h"
#include "kafka/raw_request.h"

// One broker of several whose connection cannot be set up: it costs its own partitions only, and no time.

using namespace kafkascope::kafka;
using kafkascope::model::Reason;
namespace model = kafkascope::model;
namespace protocol = kafkascope::protocol;
using std::chrono::steady_clock;

namespace {

/// What one poll learns of topic `t`, whose partition n-1 is led by broker n.
struct Poll {
  std::vector<int64_t> latest;
  std::vector<model::Failure> failures;
  std::set<int32_t> answered;
  bool in_time;
};

constexpr auto kDeadline = 20s;  // far more than a poll may need

Poll poll(const Client& client, std::chrono::milliseconds timeout = kDeadline) {
  const auto deadline = steady_clock::now() + kDeadline;
  RequestBatch requests(client, deadline, timeout, never);
  Failures failures;
  const int32_t first[] = {1};
  const auto metadata = collect_metadata(requests, first, kafkascope::config::Filter(), failures);
  REQUIRE(metadata);
  REQUIRE(failures.empty());
  collect_groups(requests, *metadata, kafkascope::config::Filter(), false, {}, failures);
  Failures of_offsets;
  auto offsets = collect_offsets(requests, *metadata, {}, {}, of_offsets);
  return {std::move(offsets.latest), of_offsets.take(), requests.answered(), steady_clock::now() < deadline};
}

void add_topic(FakeKafka& kafka) {
  kafka.set_topic("t", {{.leader = 1, .end = 10}, {.leader = 2, .end = 20}, {.leader = 3, .end = 30}});
  for (int32_t id = 1; id <= 3; ++id) kafka.on(id, protocol::kListGroups, group_list({}));
  for (int32_t id = 1; id <= 3; ++id) kafka.on(id, protocol::kDescribeGroups, classic_descriptions({}));
}

const std::vector<int64_t> kAllButTheSecond{10, model::kFailedOffset, 30};

}  // namespace

TEST_CASE("A broker that refuses the login is lost at once, and for that reason") {
  const bool hangs_up = GENERATE(false, true);
  FakeKafka kafka(3);
  add_topic(kafka);
  const auto cluster = with_logins(kafka, 3);
  if (hangs_up)
    kafka.hang_up(2, kSaslAuthenticate);
  else
    kafka.on(2, kSaslAuthenticate, login(58));
  const auto client = connected(cluster, 3);

  const Poll first = poll(*client);
  CHECK(first.in_time);
  CHECK(first.latest == kAllButTheSecond);
  CHECK(first.answered == std::set<int32_t>{1, 3});
  REQUIRE(first.failures.size() == 1);
  CHECK(first.failures[0].reason == Reason::kAuthentication);
  CHECK(first.failures[0].what ==
        (hangs_up
             ? "broker 2: SASL authentication error: SaslAuthenticateRequest failed: Local: Broker transport failure"
             : "broker 2: SASL authentication error: Authentication failed: Invalid username or password"));
  const Poll second = poll(*client);
  CHECK(second.in_time);
  CHECK(second.latest == kAllButTheSecond);
  CHECK(second.failures == first.failures);  // the same words: one change to log
}

TEST_CASE("A broker that refuses logins gets one per poll interval, from all clients together") {
  FakeKafka kafka(3);
  add_topic(kafka);
  auto cluster = with_logins(kafka, 3);
  cluster.polling.interval = 1h;
  cluster.properties.insert({{"reconnect.backoff.max.ms", "100"}, {"statistics.interval.ms", "100"}});
  kafka.on(2, kSaslAuthenticate, login(58));
  const auto client = connected(cluster, 3);
  for (int i = 0; i < 3; ++i) poll(*client);
  const Client other(cluster, client->logins());
  other.await_brokers({1, 2, 3}, steady_clock::now() + 1min, never);
  poll(other);
  const auto connects = [](const Client& of) {
    for (const auto& connection : of.statistics().connections)
      if (connection.broker == 2) return connection.connects;
    return uint64_t{0};
  };
  REQUIRE(await([&] { return connects(*client) >= 5 && connects(other) >= 5; }));  // librdkafka goes on trying
  CHECK(kafka.got(2, kSaslHandshake) == 1);
  CHECK(kafka.got(2, kSaslAuthenticate) == 1);
}

TEST_CASE("A broker that accepts logins again is used again") {
  FakeKafka kafka(3);
  add_topic(kafka);
  auto cluster = with_logins(kafka, 3);
  cluster.polling.interval = 10ms;
  kafka.on(2, kSaslAuthenticate, login(58));
  const auto client = connected(cluster, 3);
  REQUIRE(poll(*client).latest == kAllButTheSecond);
  REQUIRE(await([&] { return kafka.got(2, kSaslAuthenticate) >= 2; }));
  kafka.on(2, kSaslAuthenticate, login(0));
  REQUIRE(await([&] { return poll(*client).latest == std::vector<int64_t>{10, 20, 30}; }));
  CHECK_FALSE(client->login_error(2));
}

TEST_CASE("A login without an answer before the password is sent is no refused one: no pause follows") {
  FakeKafka kafka(3);
  add_topic(kafka);
  auto cluster = with_logins(kafka, 3);
  cluster.polling.interval = 1h;  // the pause
  cluster.properties.insert({{"reconnect.backoff.max.ms", "100"}, {"socket.timeout.ms", "500"}});
  kafka.hang(2, kSaslHandshake);
  const auto client = connected(cluster, 3);
  REQUIRE(await([&] { return kafka.got(2, kSaslHandshake) >= 3; }));
  kafka.on(2, kSaslHandshake, sasl_handshake());
  CHECK(await([&] { return poll(*client).latest == std::vector<int64_t>{10, 20, 30}; }));
  CHECK_FALSE(client->login_error(2));
}

TEST_CASE("A bootstrap connection that librdkafka closes during its login is no refused one: no pause follows") {
  FakeKafka kafka(3);
  add_topic(kafka);
  auto cluster = with_logins(kafka, 3);
  cluster.polling.interval = 1h;  // the pause
  cluster.servers = {kafka.address(1), kafka.address(2)};
  kafka.delay(1, 1h);
  kafka.hang(2, kSaslHandshake);
  const Client client(cluster);
  REQUIRE(await([&] { return kafka.got(2, kSaslHandshake) == 1; }));
  kafka.on(2, kSaslHandshake, sasl_handshake());  // on other connections
  kafka.delay(1, 0ms);
  REQUIRE(client.await_brokers({1, 2, 3}, steady_clock::now() + 1min, never).size() == 3);
  CHECK(poll(client).latest == std::vector<int64_t>{10, 20, 30});
  CHECK_FALSE(client.login_error(2));
}

TEST_CASE("A broker whose listener speaks something else is lost at once, and for that reason") {
  const std::string alert{0x15, 0x03, 0x03, 0x00, 0x02, 0x02, 0x28};  // handshake failure
  const std::string http = "HTTP/1.1 400 Bad Request\r\n\r\n";
  const auto [tls, bytes, reason, what] = GENERATE_REF(values<std::tuple<bool, std::string, Reason, std::string>>({
      {true, alert, Reason::kTls, "broker 2: "},
      {true, http, Reason::kTls, "broker 2: "},
      {true, "", Reason::kTls, "broker 2: "},
      {false, http, Reason::kProtocol, "broker 2: the server speaks HTTP, not Kafka's protocol"},
      {false, std::string("SSH-2.0-OpenSSH\r\n"), Reason::kProtocol, "broker 2: the server does not speak Kafka's"},
      {false, "", Reason::kUnreachable, "broker 2 does not answer: Disconnected"},
  }));
  CAPTURE(tls, bytes);
  FakeKafka kafka(3);
  add_topic(kafka);
  auto cluster = kafka.config();
  if (tls) {
    kafka.use_tls();
    cluster.properties = {{"security.protocol", "ssl"}, {"enable.ssl.certificate.verification", "false"}};
  }
  kafka.garble(2, bytes);
  const auto client = connected(cluster, 3);
  for (int i = 0; i < 2; ++i) {
    const Poll now = poll(*client);
    CHECK(now.in_time);
    CHECK(now.latest == kAllButTheSecond);
    CAPTURE(now.failures);
    REQUIRE(now.failures.size() == 1);
    CHECK(now.failures[0].reason == reason);
    CHECK(now.failures[0].what.starts_with(what));
  }
}

TEST_CASE("A request ends at its timeout whatever its connection does, and no other broker is blamed") {
  constexpr auto kTimeout = 1s;
  const auto bytes = GENERATE(std::string(4096, '\0'), std::string("\0\0\0\x8\x7f\xff\xff\xff\0\0\0\0", 12),
                              std::string("\x7f\xff\xff\xff", 4), std::string("\0\0\xff\xff", 4));
  CAPTURE(bytes);
  FakeKafka kafka(3);
  add_topic(kafka);
  kafka.garble(2, bytes);
  const auto client = connected(kafka.config(), 3);
  const auto start = steady_clock::now();
  const Poll now = poll(*client, kTimeout);
  CHECK(steady_clock::now() - start < 2 * (kTimeout + kTimeoutGrace));
  CHECK(now.latest == kAllButTheSecond);
  CHECK(now.answered == std::set<int32_t>{1, 3});
  CAPTURE(now.failures);
  REQUIRE(now.failures.size() == 1);
  CHECK(now.failures[0].what.starts_with("broker 2"));
}

TEST_CASE("A broker whose connections keep ending is lost, and not connected to again and again") {
  FakeKafka kafka(3);
  const auto client = connected(kafka.config(), 3);
  RequestBatch requests = requests_to(*client);
  const auto versions_known = [&] { return requests.version(2, protocol::kMetadata) != RAW_VERSION_NOT_KNOWN; };
  for (int i = 0; i < 20 && !requests.lost(2); ++i) {
    REQUIRE(await(versions_known));
    kafka.drop_connections(2);
    REQUIRE(await([&] { return !versions_known(); }));
    requests.negotiate_versions(2);
    requests.run();
  }
  CHECK(requests.lost(2));
  CHECK(requests.sent().at("ApiVersions") == kMaxNegotiations);
}
