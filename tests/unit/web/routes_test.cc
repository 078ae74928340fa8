#include "web/routes.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "web/client.h"
#include "web/test_server.h"

using Catch::Matchers::ContainsSubstring;
using namespace kafkascope;
using web::large_text;
using web::page_of;
using web::request;
using web::Response;
using web::TestServer;

namespace {

std::string gunzip(const std::string& body) {
  std::string text;
  CHECK(metrics::Page(body, 0, 0, {}).inflate([&](std::string_view piece) {
    text += piece;
    return true;
  }));
  return text;
}

}  // namespace

TEST_CASE("The page is compressed if the client accepts gzip") {
  const std::string text = GENERATE(std::string("kafka_up 1\n"), large_text());
  TestServer server(page_of(text));

  const Response compressed = request(server.port(), "GET", "/metrics", "Accept-Encoding: gzip\r\n");
  CHECK(compressed.code == 200);
  CHECK(compressed.headers.at("content-type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(compressed.headers.at("content-encoding") == "gzip");
  CHECK(compressed.headers.at("vary") == "Accept-Encoding");
  CHECK(compressed.headers.at("x-content-type-options") == "nosniff");
  CHECK(gunzip(compressed.body) == text);

  for (const char* header :
       {"", "Accept-Encoding: gzip;q=0\r\n", "Accept-Encoding: br\r\nAccept-Encoding: identity\r\n"}) {
    const Response plain = request(server.port(), "GET", "/metrics", header);
    CHECK(plain.code == 200);
    CHECK(plain.headers.at("content-type") == "text/plain; version=0.0.4; charset=utf-8");
    CHECK_FALSE(plain.headers.contains("content-encoding"));
    CHECK(plain.headers.at("vary") == "Accept-Encoding");
    CHECK(plain.body == text);
  }
  const Response second_header =
      request(server.port(), "GET", "/metrics", "Accept-Encoding: br\r\nAccept-Encoding: gzip\r\n");
  CHECK(second_header.headers.contains("content-encoding"));
}

TEST_CASE("Every route answers GET and HEAD, and HEAD has no body") {
  TestServer server(page_of("kafka_up 1\n"));
  const char* path = GENERATE("/metrics", "/", "/healthz", "/-/healthy", "/-/ready", "/sd", "/healthz?a=b");
  const Response get = request(server.port(), "GET", path);
  CHECK(get.code == 200);
  CHECK_FALSE(get.body.empty());
  CHECK(get.headers.at("connection") == "close");
  const Response head = request(server.port(), "HEAD", path);
  CHECK(head.code == 200);
  CHECK(head.headers.at("content-length") == get.headers.at("content-length"));
  CHECK(head.headers.at("content-type") == get.headers.at("content-type"));
}

TEST_CASE("A slice of the page is selected by parameters") {
  using Family = metrics::PageFamily;
  const auto chunk = [](const std::string& text) { return metrics::Compressor().compress(text, 1, nullptr); };
  model::ClusterStatus cluster;
  cluster.name = "a";
  const std::vector<Family> families{{"one", false, nullptr, {{0, chunk("one 1\n")}}},
                                     {"two", true, nullptr, {{0, chunk("two 2\n")}}},
                                     {"own", false, nullptr, {{Family::kExporter, chunk("own 3\n")}}}};
  TestServer server(std::make_shared<const metrics::Page>(families, std::vector{cluster}));
  CHECK(request(server.port(), "GET", "/metrics").body == "one 1\ntwo 2\nown 3\n");
  CHECK(request(server.port(), "GET", "/metrics?cluster=a&name%5B%5D=t*").body == "two 2\nown 3\n");
  CHECK(request(server.port(), "GET", "/metrics?granularity=topic").body == "one 1\nown 3\n");
  const Response gzip = request(server.port(), "GET", "/metrics?exclude[]=o*", "Accept-Encoding: gzip\r\n");
  CHECK(gzip.headers.at("content-encoding") == "gzip");
  CHECK(gunzip(gzip.body) == "two 2\n");
  const Response unknown = request(server.port(), "GET", "/metrics?cluster=b");
  CHECK(unknown.code == 400);
  CHECK(unknown.body == "cluster: there is no such cluster; there are: a\n");
  CHECK(request(server.port(), "HEAD", "/metrics?cluster=b").code == 400);
}

TEST_CASE("Prometheus discovers the clusters at the address that it asked") {
  TestServer server(page_of("kafka_up 1\n"));
  const Response targets = request(server.port(), "GET", "/sd");
  CHECK(targets.code == 200);
  CHECK(targets.headers.at("content-type") == "application/json");
  CHECK_THAT(targets.body, ContainsSubstring("\"targets\": [\"localhost\"]"));
}

TEST_CASE("The telemetry path is configurable") {
  config::Web web = web::listen_at("127.0.0.1:0");
  web.telemetry_path = "/kafka/metrics";
  TestServer server(page_of("kafka_up 1\n"), web);
  CHECK(request(server.port(), "GET", "/kafka/metrics").body == "kafka_up 1\n");
  CHECK(request(server.port(), "GET", "/metrics").code == 404);
  CHECK_THAT(request(server.port(), "GET", "/").body, ContainsSubstring("href=\"/kafka/metrics\""));
}

TEST_CASE("Readiness follows the first poll, health does not") {
  TestServer server(page_of("kafka_up 0\n", model::ClusterStatus{}));
  CHECK(request(server.port(), "GET", "/-/ready").code == 503);
  CHECK_THAT(request(server.port(), "GET", "/-/ready").body, ContainsSubstring("first poll"));
  CHECK(request(server.port(), "GET", "/healthz").code == 200);
  CHECK(request(server.port(), "GET", "/metrics").code == 200);
}

TEST_CASE("The response to an unknown path lists those that exist") {
  TestServer server(page_of("kafka_up 1\n"));
  const char* path = GENERATE("/nothing", "/metrics/", "/metricsx", "/../../etc/passwd", "/metrics%00", "/-/reloads");
  const Response response = request(server.port(), "GET", path);
  CHECK(response.code == 404);
  CHECK(response.headers.at("content-type") == "text/plain; charset=utf-8");
  CHECK_THAT(response.body, ContainsSubstring("/metrics\n") && ContainsSubstring("/-/ready\n"));
}

TEST_CASE("A wrong method is refused") {
  TestServer server(page_of("kafka_up 1\n"));
  const char* method = GENERATE("POST", "PUT", "DELETE", "OPTIONS", "PATCH");
  const Response response = request(server.port(), method, "/metrics");
  CHECK(response.code == 405);
  CHECK(response.headers.at("allow") == "GET, HEAD");
}

TEST_CASE("A request to reload says how to enable it") {
  TestServer server(page_of("kafka_up 1\n"));
  const Response response = request(server.port(), "POST", "/-/reload");
  CHECK(response.code == 403);
  CHECK_THAT(response.body, ContainsSubstring("--web.enable-lifecycle"));
  CHECK(request(server.port(), "GET", "/-/reload").code == 405);
}

TEST_CASE("Requests are counted under a few fixed names") {
  TestServer server(page_of("kafka_up 1\n"));
  request(server.port(), "GET", "/metrics");
  request(server.port(), "GET", "/metrics");
  request(server.port(), "POST", "/metrics");
  request(server.port(), "GET", "/-/ready");
  request(server.port(), "GET", "/a");
  request(server.port(), "GET", "/b");
  CHECK(server.counted() ==
        std::map<std::string, int>{{"/metrics 200", 2}, {"/metrics 405", 1}, {"/-/ready 200", 1}, {"other 404", 2}});
}
