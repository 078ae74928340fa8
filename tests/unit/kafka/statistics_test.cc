#include "kafka/statistics.h"

#include <fmt/core.h>

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "kafka/await.h"
#include "kafka/fake_kafka.h"
#include "kafka/mock_kafka.h"
#include "kafka/raw_request.h"
#include "kafka/request_batch.h"
#include "protocol/metadata.h"

using Catch::Approx;
using kafkascope::kafka::StatisticsReader;

namespace {

/// A broker as librdkafka shows it (STATISTICS.md).
struct BrokerIs {
  int32_t id = 1;
  std::string name = "host:9092/1";
  std::string source = "learned";
  std::string state = "UP";
  uint64_t tx = 10, rx = 9, rxerrs = 4;
  std::string req = R"({"Metadata":3,"ApiVersion":1})";
  std::string rtt = R"({"cnt":0,"sum":0,"p50":0,"p95":0,"p99":0})";
  std::string throttle = R"({"cnt":0,"sum":0,"p50":0,"p95":0,"p99":0})";
};

std::string json(const std::vector<BrokerIs>& brokers) {
  std::string list;
  for (const auto& b : brokers) {
    list += fmt::format(
        R"({}"{}":{{"name":"{}","nodeid":{},"nodename":"host:9092","source":"{}","state":"{}","stateage":2500000,)"
        R"("outbuf_cnt":0,"waitresp_cnt":2,"tx":{},"txbytes":1000,"txerrs":1,"txretries":2,"req_timeouts":3,"rx":{},)"
        R"("rxbytes":2000,"rxerrs":{},"rxcorriderrs":0,"connects":5,"disconnects":6,"rtt":{},"throttle":{},"req":{},)"
        R"("toppars":{{}}}})",
        list.empty() ? "" : ",", b.name, b.name, b.id, b.source, b.state, b.tx, b.rx, b.rxerrs, b.rtt, b.throttle,
        b.req);
  }
  return fmt::format(R"({{"name":"kafkascope#consumer-1","type":"consumer","brokers":{{{}}},"topics":{{}}}})", list);
}

}  // namespace

TEST_CASE("A broker's connection is read in seconds and running sums") {
  StatisticsReader reader;
  BrokerIs broker;
  broker.rtt = R"({"cnt":4,"sum":8000,"p50":1500,"p95":3000,"p99":4000})";
  broker.throttle = R"({"cnt":2,"sum":30,"p50":10,"p95":20,"p99":20})";
  const auto& statistics = reader.read(json({broker}));
  REQUIRE(statistics.connections.size() == 1);
  const auto& c = statistics.connections[0];
  CHECK(c.broker == 1);
  CHECK(c.connected);
  CHECK(c.state_age_seconds == Approx(2.5));
  CHECK(c.in_flight == 2);
  CHECK(c.requests == 10);
  CHECK(c.responses == 9);
  CHECK(c.sent_bytes == 1000);
  CHECK(c.received_bytes == 2000);
  CHECK(c.retries == 2);
  CHECK(c.timeouts == 3);
  CHECK(c.errors == 5);  // of sending and of receiving
  CHECK(c.connects == 5);
  CHECK(c.disconnects == 6);
  CHECK(c.round_trip.count == 4);
  CHECK(c.round_trip.sum_seconds == Approx(0.008));
  CHECK(c.round_trip.p50_seconds == Approx(0.0015));
  CHECK(c.round_trip.p95_seconds == Approx(0.003));
  CHECK(c.round_trip.p99_seconds == Approx(0.004));
  CHECK(c.throttle.sum_seconds == Approx(0.03));
  CHECK(c.throttle.p50_seconds == Approx(0.01));
}

TEST_CASE("Windows add up to running sums; one without a measurement changes nothing") {
  StatisticsReader reader;
  BrokerIs broker;
  broker.rtt = R"({"cnt":4,"sum":8000,"p50":1500,"p95":3000,"p99":4000})";
  reader.read(json({broker}));
  broker.rtt = R"({"cnt":1,"sum":500,"p50":500,"p95":500,"p99":500})";
  reader.read(json({broker}));
  broker.rtt = R"({"cnt":0,"sum":0,"p50":0,"p95":0,"p99":0})";
  const auto& window = reader.read(json({broker})).connections.at(0).round_trip;
  CHECK(window.count == 5);
  CHECK(window.sum_seconds == Approx(0.0085));
  CHECK(window.p50_seconds == Approx(0.0005));
}

TEST_CASE("Counters grow by what librdkafka's grew") {
  StatisticsReader reader;
  BrokerIs broker;
  reader.read(json({broker}));
  broker.tx = 25;
  broker.req = R"({"Metadata":7,"ApiVersion":1})";
  const auto& statistics = reader.read(json({broker}));
  CHECK(statistics.connections.at(0).requests == 25);
  CHECK(statistics.connections.at(0).responses == 9);
  CHECK(statistics.requests == std::map<std::string, uint64_t>{{"ApiVersions", 1}, {"Metadata", 7}});
}

TEST_CASE("A counter that begins again at 0 goes on from where it was") {
  StatisticsReader reader;
  BrokerIs broker;
  reader.read(json({broker}));
  broker.tx = 4;
  broker.req = R"({"Metadata":1})";
  const auto& statistics = reader.read(json({broker}));
  CHECK(statistics.connections.at(0).requests == 14);
  CHECK(statistics.requests.at("Metadata") == 4);
}

TEST_CASE("A broker that librdkafka no longer knows leaves no connection; back again, its totals go on") {
  StatisticsReader reader;
  BrokerIs one, two;
  two.id = 2;
  two.name = "host:9093/2";
  reader.read(json({one, two}));
  CHECK(reader.read(json({one})).connections.size() == 1);
  // Its counters began at 0 while nobody looked, and have passed what they were.
  two.tx = 15;
  two.req = R"({"Metadata":5})";
  const auto& statistics = reader.read(json({two, one}));
  REQUIRE(statistics.connections.size() == 2);
  CHECK(statistics.connections[0].broker == 1);  // sorted
  CHECK(statistics.connections[1].broker == 2);
  CHECK(statistics.connections[1].requests == 10 + 15);
  CHECK(statistics.requests.at("Metadata") == 3 + 3 + 5);
}

TEST_CASE("Bootstrap and logical brokers have no connection of their own, but their requests are ours too") {
  StatisticsReader reader;
  BrokerIs bootstrap, logical;
  bootstrap.id = -1;
  bootstrap.name = "host:9092/bootstrap";
  bootstrap.source = "configured";
  logical.id = -1;
  logical.name = "GroupCoordinator";
  logical.source = "logical";
  const auto& statistics = reader.read(json({bootstrap, logical}));
  CHECK(statistics.connections.empty());
  CHECK(statistics.requests.at("Metadata") == 6);
}

TEST_CASE("Request kinds have Kafka's names, also where librdkafka has another") {
  StatisticsReader reader;
  BrokerIs broker;
  broker.req = R"({"ApiVersion":1,"Metadata":2,"DescribeQuorumRequest":3,"SaslHandshake":4})";
  CHECK(reader.read(json({broker})).requests ==
        std::map<std::string, uint64_t>{
            {"ApiVersions", 1}, {"DescribeQuorum", 3}, {"Metadata", 2}, {"SaslHandshake", 4}});
}

TEST_CASE("Only the state UP is connected") {
  for (const char* state : {"INIT", "DOWN", "TRY_CONNECT", "CONNECT", "APIVERSION_QUERY", "AUTH_REQ"}) {
    BrokerIs broker;
    broker.state = state;
    INFO(state);
    CHECK_FALSE(StatisticsReader().read(json({broker})).connections.at(0).connected);
  }
}

TEST_CASE("What is not librdkafka's JSON is refused in plain words, and what was known stays") {
  StatisticsReader reader;
  reader.read(json({BrokerIs{}}));
  const std::string bad = GENERATE(as<std::string>(), "", "{", "[]", "null", "{}", R"({"brokers":7})",
                                   R"({"brokers":{"b":{}}})", R"({"brokers":{"b":{"nodeid":"x","req":{}}}})");
  INFO(bad);
  try {
    reader.read(bad);
    FAIL("accepted");
  } catch (const std::runtime_error& e) {
    CHECK(std::string(e.what()).starts_with("librdkafka's statistics: "));
  }
  BrokerIs broker;
  broker.tx = 12;
  CHECK(reader.read(json({broker})).connections.at(0).requests == 12);
}

TEST_CASE("Statistics that break off leave neither half a sum nor half a window") {
  StatisticsReader reader;
  BrokerIs one, two;
  one.rtt = R"({"cnt":4,"sum":8000,"p50":1500,"p95":3000,"p99":4000})";
  two.id = 2;
  two.name = "host:9093/2";
  reader.read(json({one, two}));
  const std::string window = std::exchange(two.rtt, "7");  // found when the first broker is read already
  one.tx = 20;
  CHECK_THROWS(reader.read(json({one, two})));
  two.rtt = window;
  one.tx = 30;
  const auto& statistics = reader.read(json({one, two}));
  CHECK(statistics.connections.at(0).requests == 30);
  CHECK(statistics.connections.at(0).round_trip.count == 8);  // two windows: the one that broke off is not counted
  CHECK(statistics.requests.at("Metadata") == 6);
}

TEST_CASE("An error to ignore is subtracted once, in the statistics that have it") {
  StatisticsReader reader;
  BrokerIs one, two;
  two.id = 2;
  two.name = "host:9093/2";
  const auto errors = [&] {
    const auto& connections = reader.read(json({one, two})).connections;
    return std::pair(connections.at(0).errors, connections.at(1).errors);
  };
  CHECK(errors() == std::pair(5ul, 5ul));
  reader.ignore_error(1);
  CHECK(errors() == std::pair(5ul, 5ul));  // librdkafka has not counted it yet
  one.rxerrs += 1;
  two.rxerrs += 1;
  CHECK(errors() == std::pair(5ul, 6ul));
  one.rxerrs += 2;
  CHECK(errors() == std::pair(7ul, 6ul));
}

TEST_CASE("A connection that a broker closes while it is idle is no error, one that it closes on a request is") {
  using namespace kafkascope::kafka;
  namespace protocol = kafkascope::protocol;
  FakeKafka kafka(1);
  const auto client = connected(kafka.config(), 1);
  const auto ask = [&] {
    REQUIRE(await([&] { return raw_version(client->handle(), 1, protocol::kMetadata.key, 0, 12) >= 0; }));
    RequestBatch requests = requests_to(*client);
    requests.ask({1,
                  &protocol::kMetadata,
                  [](int16_t version) { return protocol::encode_metadata(version); },
                  [](auto, auto) {},
                  {}});
    requests.run();
  };
  const auto connection = [&] {
    const auto statistics = client->statistics();
    return statistics.connections.empty() ? kafkascope::model::Connection{} : statistics.connections[0];
  };
  const auto await_disconnects = [&](uint64_t count) {
    REQUIRE(await([&] { return connection().disconnects >= count; }));
  };
  ask();
  kafka.drop_connections(1);
  await_disconnects(1);
  CHECK(connection().errors == 0);
  kafka.hang_up(1, protocol::kMetadata);
  ask();
  await_disconnects(2);
  CHECK(connection().errors > 0);
}

TEST_CASE("What librdkafka really writes is read") {
  using namespace kafkascope::kafka;
  MockKafka kafka(2);
  const auto client = connected(kafka.config(), 2);
  REQUIRE(await([&] {
    const auto statistics = client->statistics();
    return statistics.connections.size() == 2 && statistics.connections[0].connected &&
           statistics.connections[1].connected && statistics.connections[1].round_trip.count > 0;
  }));
  const auto statistics = client->statistics();
  CHECK(statistics.connections[0].broker == 1);
  CHECK(statistics.connections[1].broker == 2);
  for (const auto& connection : statistics.connections) {
    CHECK(connection.connects > 0);
    CHECK(connection.requests > 0);
    CHECK(connection.responses > 0);
    CHECK(connection.sent_bytes > connection.requests);
    CHECK(connection.received_bytes > connection.responses);
    CHECK(connection.round_trip.sum_seconds > 0);
    CHECK(connection.round_trip.p99_seconds >= connection.round_trip.p50_seconds);
  }
  CHECK(statistics.requests.contains("Metadata"));
  CHECK(statistics.requests.contains("ApiVersions"));
}
