#include "web/server.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <optional>
#include <stdexcept>
#include <string>

#include "web/client.h"
#include "web/test_server.h"

using Catch::Matchers::MessageMatches;
using Catch::Matchers::StartsWith;
using namespace kafkascope;
using web::Clock;
using web::kEndsWithin;
using web::page_of;
using web::request;
using web::seconds_since;
using web::TestServer;

TEST_CASE("Without clients a server stops at once and frees its port") {
  std::optional<TestServer> server(page_of("kafka_up 1\n"));
  const std::string address = "127.0.0.1:" + std::to_string(server->port());
  CHECK(request(server->port(), "GET", "/healthz").code == 200);
  const auto start = Clock::now();
  server.reset();
  CHECK(seconds_since(start) < kEndsWithin);
  TestServer next(page_of("kafka_up 1\n"), web::listen_at(address));
  CHECK(request(next.port(), "GET", "/healthz").code == 200);
}

TEST_CASE("Several addresses can be listened on") {
  config::Web web;
  web.listen_addresses = {"127.0.0.1:0", ":0", "localhost:0"};
  const auto page = page_of("kafka_up 1\n");
  web::Server server(
      web, [&] { return page; }, [](std::string_view, int, double) {}, web::Reload(), "1.2.3");
  REQUIRE(server.ports().size() == 3);
  for (const int port : server.ports()) CHECK(request(port, "GET", "/metrics").body == "kafka_up 1\n");
}

TEST_CASE("The error for an address that cannot be listened on contains the reason") {
  const auto page = page_of("kafka_up 1\n");
  const auto listen = [&](const std::string& address) {
    web::Server(
        web::listen_at(address), [&] { return page; }, [](std::string_view, int, double) {}, web::Reload(), "1.2.3");
  };
  TestServer first(page);
  const std::string port = std::to_string(first.port());
  CHECK_THROWS_MATCHES(listen("127.0.0.1:" + port), std::runtime_error,
                       MessageMatches(StartsWith("cannot listen on 127.0.0.1:" + port + ": Address already in use (")));
  CHECK_THROWS_MATCHES(listen(":" + port), std::runtime_error,
                       MessageMatches(StartsWith("cannot listen on :" + port + ": Address already in use (")));
  CHECK_THROWS_MATCHES(listen("192.0.2.1:0"), std::runtime_error,
                       MessageMatches(StartsWith("cannot listen on 192.0.2.1:0: Cannot assign requested address (")));
  for (const char* address :
       {"", ":", "x", "127.0.0.1", ":70000", "127.0.0.1:1,127.0.0.1:2", "no.such.host.invalid:1"}) {
    CAPTURE(address);
    CHECK_THROWS_MATCHES(listen(address), std::runtime_error, MessageMatches(StartsWith("cannot listen on ")));
  }
}
