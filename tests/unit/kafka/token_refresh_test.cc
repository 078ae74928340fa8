#include "kafka/token_refresh.h"

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "http/fake_server.h"
#include "kafka/await.h"
#include "kafka/limits.h"
#include "kafka/mock_kafka.h"

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
