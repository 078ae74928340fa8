#include "kafka/token_refresh.h"

#include <spdlog/fmt/chrono.h>

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/fake_server.h"
#include "kafka/await.h"
#include "kafka/limits.h"
#include "kafka/mock_kafka.h"
#include "poll/log.h"

namespace kafkascope::kafka {
namespace {

/// Sets variables of the process, in which nothing else reads them, and no other place has credentials.
struct Variables {
  explicit Variables(std::vector<std::pair<const char*, std::string>> more) {
    more.emplace_back("HOME", "/nonexistent");
    more.emplace_back("AWS_EC2_METADATA_DISABLED", "true");
    for (const auto& [name, value] : more) setenv(name, value.c_str(), 1);
    names = std::move(more);
  }
  ~Variables() {
    for (const auto& [name, value] : names) unsetenv(name);
  }
  std::vector<std::pair<const char*, std::string>> names;
};

config::Cluster with_iam() {
  config::Cluster cluster = cluster_at({"127.0.0.1:1"});
  cluster.properties = {{"security.protocol", "sasl_plaintext"}, {"sasl.mechanism", "OAUTHBEARER"}};
  cluster.aws_iam = config::AwsIam{"eu-west-1", ""};
  return cluster;
}

TEST_CASE("A client without AWS credentials has their lack as its error, until there are some") {
  const Variables variables({});
  Client client(with_iam());
  std::string what;
  REQUIRE(await([&] {
    const auto error = client.connection_error();
    if (error) what = error->what();
    return error && error->reason() == model::Reason::kAuthentication && !error->failure().hint.empty();
  }));
  CHECK(what.starts_with("no AWS credentials found"));
  client.forget_errors();
  CHECK(client.connection_error());
}

/// A handle that has no broker, for tokens.
struct Handle {
  Handle() {
    std::array<char, 512> why{};
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, nullptr);
    for (const auto& [key, value] : with_iam().properties)
      REQUIRE(rd_kafka_conf_set(conf, key.c_str(), value.c_str(), why.data(), why.size()) == RD_KAFKA_CONF_OK);
    rk = rd_kafka_new(RD_KAFKA_CONSUMER, conf, why.data(), why.size());
    REQUIRE(rk);
  }
  ~Handle() { rd_kafka_destroy(rk); }
  rd_kafka_t* rk;
};

TEST_CASE("Credentials that cannot be renewed are logged once, and when they are again") {
  std::atomic<int> status = 200;
  http::FakeServer agent([&](const http::FakeServer::Asked&) {
    const auto soon = std::chrono::system_clock::now() + std::chrono::minutes(10);
    return http::FakeServer::Answer{
        status,
        fmt::format(R"({{"AccessKeyId": "A", "SecretAccessKey": "hunter2", "Token": "t", "Expiration": "{:%FT%TZ}"}})",
                    fmt::gmtime(std::chrono::system_clock::to_time_t(soon)))};
  });
  const Variables variables({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", agent.url()}});
  poll::Log log;
  const Handle handle;
  const bool logs = GENERATE(true, false);
  TokenRefresh refresh("c", {"eu-west-1", ""}, logs);
  refresh.start(handle.rk);
  size_t count = 0;
  const auto renew = [&](int with_status) {
    status = with_status;
    refresh.request();
    REQUIRE(await([&, wanted = ++count] { return agent.asked().size() == wanted; }));
  };
  for (const int each : {200, 500, 500, 200}) renew(each);
  renew(200);  // it has begun, so the one before has ended
  refresh.stop();
  CHECK_FALSE(refresh.failure());
  const std::string source = "container credentials " + agent.url();
  const std::vector<std::string> expected = {"info msg=\"AWS credentials found\" cluster=c source=\"" + source + "\"",
                                             "warning msg=\"AWS credentials not renewed\" cluster=c error=\"" + source +
                                                 ": 500\" hint=\"check that the task " +
                                                 "has a task role (ECS), or that the service account has a Pod "
                                                 "Identity association and the agent runs on the " +
                                                 "node (EKS)\"",
                                             "info msg=\"AWS credentials renewed\" cluster=c"};
  CHECK(log.take() == (logs ? expected : std::vector<std::string>{}));
}

TEST_CASE("A client ends while a request for credentials is waiting") {
  http::FakeServer agent([](const http::FakeServer::Asked&) { return http::FakeServer::Answer{200, {}, true}; });
  const Variables variables({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", agent.url()}});
  auto client = std::make_unique<Client>(with_iam());
  REQUIRE(await([&] { return !agent.asked().empty(); }));
  const bool left_before = Client::left_running();  // by another test
  const auto begin = std::chrono::steady_clock::now();
  client.reset();
  CHECK(std::chrono::steady_clock::now() - begin < 2 * kDestroyGrace);
  CHECK(Client::left_running() == left_before);
}

}  // namespace
}  // namespace kafkascope::kafka
