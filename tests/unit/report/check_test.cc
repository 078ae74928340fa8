#include "report/check.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <string>

namespace kafkascope::report {
namespace {

using model::Collector;
using model::CollectorRun;
using model::Reason;

/// A broker with TLS and SASL, where everything works.
ClusterFacts good_facts() {
  ClusterFacts facts;
  facts.server = "kafka-1:9093";
  facts.mechanism = "PLAIN";
  facts.user = "exporter";
  facts.tls = true;
  facts.now_unix_seconds = 1'000'000;
  model::Endpoint endpoint{.address = "kafka-1:9093", .origin = "bootstrap"};
  endpoint.ips = {"10.0.0.1"};
  endpoint.tls = model::TlsFacts{"TLSv1.3", {{"CN=kafka-1", "CN=ca", 1'000'000 + 100 * 86400}}, "", true};
  facts.endpoints = {endpoint};
  facts.up = true;
  facts.brokers = {{1, "kafka-1:9093", true, 27}};
  for (const Collector& collector : model::kKafkaCollectors) facts.runs.push_back({collector, 0.5, {}});
  facts.rights = TopicRights{2, 0};
  facts.topics = 2;
  return facts;
}

CollectorRun& run_of(ClusterFacts& facts, const Collector& collector) {
  return *std::find_if(facts.runs.begin(), facts.runs.end(), [&](auto& run) { return run.collector == collector; });
}

bool good(const ClusterFacts& facts) { return CheckReport{{{"", check_lines(facts)}}}.good(); }

CheckLine line(const ClusterFacts& facts, std::string_view area, std::string_view subject = "") {
  for (const auto& line : check_lines(facts))
    if (line.area == area && (subject.empty() || line.subject == subject)) return line;
  return {};
}

TEST_CASE("Everything works") {
  const auto facts = good_facts();
  CHECK(good(facts));
  CHECK(line(facts, "name") == CheckLine{"name", "kafka-1:9093 (bootstrap)", Outcome::kOk, "10.0.0.1"});
  CHECK(line(facts, "connection").outcome == Outcome::kOk);
  CHECK(line(facts, "tls").text == "TLSv1.3, CN=kafka-1 < CN=ca, expires in 100 days, host name matches");
  CHECK(line(facts, "login") == CheckLine{"login", "PLAIN as exporter", Outcome::kOk, "accepted"});
  CHECK(line(facts, "broker").text == "responds, Kafka 4.1, metadata.version up to 27");
  CHECK(line(facts, "collector", "log_dirs").outcome == Outcome::kOk);
}

TEST_CASE("Names and connections") {
  auto facts = good_facts();
  facts.endpoints[0].resolve_error = "Name or service not known";
  CHECK(!good(facts));
  CHECK(line(facts, "name").fix.find("--kafka.server") != std::string::npos);
  CHECK(line(facts, "connection") == CheckLine{});
  facts.endpoints[0].origin = "broker 1";
  CHECK(line(facts, "name").fix.find("advertised.listeners") != std::string::npos);
  facts.endpoints[0].resolve_error.clear();
  facts.endpoints[0].connect_error = "Connection refused";
  CHECK(line(facts, "connection").outcome == Outcome::kFailed);
  CHECK(line(facts, "tls") == CheckLine{});
}

TEST_CASE("TLS") {
  auto facts = good_facts();
  auto& tls = *facts.endpoints[0].tls;
  SECTION("untrusted") {
    tls.fault = "self-signed certificate in certificate chain";
    CHECK(line(facts, "tls").outcome == Outcome::kFailed);
    CHECK(line(facts, "tls").fix.find("--tls.ca-file") != std::string::npos);
    facts.verified = false;
    CHECK(line(facts, "tls").outcome == Outcome::kWarning);
  }
  SECTION("another host name") {
    tls.name_matches = false;
    CHECK(line(facts, "tls").outcome == Outcome::kFailed);
    CHECK(line(facts, "tls").text.ends_with("host name does not match"));
    facts.name_verified = false;
    CHECK(line(facts, "tls").outcome == Outcome::kOk);
  }
  SECTION("expires soon, and expired") {
    tls.chain[0].expiry = 1'000'000 + 29 * 86400;
    CHECK(line(facts, "tls").outcome == Outcome::kWarning);
    CHECK(good(facts));
    tls.chain[0].expiry = 999'999;
    CHECK(line(facts, "tls").outcome == Outcome::kFailed);
  }
  SECTION("no handshake") {
    facts.endpoints[0].tls.reset();
    facts.endpoints[0].tls_error = "wrong version number";
    CHECK(line(facts, "tls").text == "handshake failed: wrong version number");
  }
}

TEST_CASE("A refused login") {
  auto facts = good_facts();
  facts.up = false;
  facts.brokers.clear();
  facts.rights.reset();
  for (auto& run : facts.runs) run.skipped = true;
  run_of(facts, Collector::kMetadata) = {
      Collector::kMetadata, 1, {{Reason::kAuthentication, "wrong password", "check it"}}};
  CHECK(line(facts, "login") ==
        CheckLine{"login", "PLAIN as exporter", Outcome::kFailed, "wrong password", "check it"});
  CHECK(line(facts, "collector", "all others").outcome == Outcome::kUnknown);
  CHECK(!good(facts));
}

TEST_CASE("A broker that does not respond") {
  auto facts = good_facts();
  facts.brokers.push_back({2, "kafka-2:9093", false});
  CHECK(line(facts, "broker", "broker 2 at kafka-2:9093").text == "does not respond");
  run_of(facts, Collector::kGroups).failures = {
      {Reason::kUnreachable, "broker 2 does not answer: refused", "start it"}};
  const auto found = line(facts, "broker", "broker 2 at kafka-2:9093");
  CHECK(found.text == "broker 2 does not answer: refused");
  CHECK(found.fix == "start it");
  CHECK(!good(facts));
}

TEST_CASE("A missing permission is a failure with a command, one that refines a warning") {
  auto facts = good_facts();
  run_of(facts, Collector::kLogDirs).failures = {
      {Reason::kAuthorization, "log directories: grant DESCRIBE on the cluster"}};
  const std::string command = "kafka-acls.sh --bootstrap-server kafka-1:9093 --add --allow-principal User:exporter ";
  CHECK(line(facts, "collector", "log_dirs") ==
        CheckLine{"collector", "log_dirs", Outcome::kFailed,
                  "authorization: log directories: grant DESCRIBE on the cluster",
                  command + "--operation Describe --cluster"});
  CHECK(!good(facts));
  facts = good_facts();
  facts.rights->unreadable = 1;
  CHECK(line(facts, "collector", "transactions") ==
        CheckLine{"collector", "transactions", Outcome::kWarning,
                  "hanging transactions are not found on 1 of 2 topics without READ",
                  command + "--operation Read --topic '*'"});
  CHECK(line(facts, "collector", "time_lag").outcome == Outcome::kWarning);
  CHECK(good(facts));
  facts.disabled = {"transactions"};
  CHECK(line(facts, "collector", "transactions").outcome == Outcome::kOff);
}

TEST_CASE("A collector that had nothing to do, such as topic configurations without topics") {
  auto facts = good_facts();
  std::erase_if(facts.runs, [](auto& run) { return run.collector == Collector::kTopicConfigs; });
  CHECK(line(facts, "collector", "topic_configs").text == "nothing to collect");
  CHECK(good(facts));
}

TEST_CASE("A filter that matches nothing") {
  auto facts = good_facts();
  facts.topics = 0;
  facts.omitted_topics = 5;
  CHECK(line(facts, "visible", "topics").outcome == Outcome::kWarning);
}

TEST_CASE("Releases by metadata.version") {
  CHECK(kafka_release(0).empty());
  CHECK(kafka_release(1) == "3.0");
  CHECK(kafka_release(20) == "3.8");
  CHECK(kafka_release(22) == "4.0");
  CHECK(kafka_release(30) == "4.3");
  CHECK(kafka_release(99).empty());
}

TEST_CASE("Text and JSON") {
  CheckReport report{
      {{"east", {{"name", "a\n:1", Outcome::kOk, "10.0.0.1"}, {"login", "PLAIN", Outcome::kFailed, "no", "yes"}}}},
      10,
      5,
      2};
  CHECK(check_text(report) ==
        "cluster east\n"
        "ok       name        a\\n:1  10.0.0.1\n"
        "failed   login       PLAIN  no\n"
        "         yes\n"
        "page: 10 bytes, 5 compressed, 2 series\n"
        "not good: 1 failed, 0 warnings\n");
  CHECK(check_json(report) ==
        "{\"good\":false,\"page\":{\"bytes\":10,\"gzip_bytes\":5,\"series\":2},\"clusters\":[{\"name\":\"east\","
        "\"checks\":["
        "{\"area\":\"name\",\"subject\":\"a\\u000a:1\",\"outcome\":\"ok\",\"text\":\"10.0.0.1\",\"fix\":\"\"},"
        "{\"area\":\"login\",\"subject\":\"PLAIN\",\"outcome\":\"failed\",\"text\":\"no\",\"fix\":\"yes\"}]}]}\n");
}

}  // namespace
}  // namespace kafkascope::report
