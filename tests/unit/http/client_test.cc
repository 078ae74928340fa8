#include "http/client.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "http/fake_server.h"

namespace kafkascope::http {
namespace {

std::string failure(const Request& request, const std::function<bool()>& stopped = {}) {
  try {
    return "status " + std::to_string(send(request, stopped).status);
  } catch (const Error& e) {
    return e.what();
  }
}

Request to(const std::string& url) {
  Request request;
  request.url = url;
  return request;
}

TEST_CASE("A request with method, headers and body, and its response") {
  FakeServer server([](const FakeServer::Asked&) { return FakeServer::Answer{201, "made"}; });
  Request request = to(server.url() + "/a?b=c");
  request.method = "POST";
  request.headers = {"X-One: 1", "X-Two: 2"};
  request.body = "body";
  const Response response = send(request);
  CHECK(response.status == 201);
  CHECK(response.body == "made");
  const auto asked = server.asked();
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].line == "POST /a?b=c");
  CHECK(asked[0].headers.at("x-one") == "1");
  CHECK(asked[0].headers.at("x-two") == "2");
  CHECK(asked[0].body == "body");
}

TEST_CASE("A request without a response is an error with the URL") {
  FakeServer server([](const FakeServer::Asked& asked) {
    if (asked.line == "GET /huge") return FakeServer::Answer{200, std::string(kMaxBodyBytes + 1, 'x')};
    return FakeServer::Answer{200, {}, true};
  });
  Request late = to(server.url() + "/late");
  late.timeout = std::chrono::milliseconds(200);
  CHECK(failure(late) == server.url() + "/late: Timeout was reached");
  CHECK(failure(to(server.url() + "/huge")) == server.url() + "/huge: more than 1000000 bytes");
  CHECK(failure(to("http://127.0.0.1:1/")) == "http://127.0.0.1:1/: Couldn't connect to server");
  CHECK(failure(to("file:///etc/passwd")) == "file:///etc/passwd: Unsupported protocol");
}

TEST_CASE("A request is canceled when the program ends") {
  FakeServer server([](const FakeServer::Asked&) { return FakeServer::Answer{200, {}, true}; });
  Request request = to(server.url());
  request.timeout = std::chrono::minutes(10);
  CHECK(failure(request, [&] { return !server.asked().empty(); }) == server.url() + ": canceled");
}

TEST_CASE("A redirect is not followed") {
  FakeServer server([](const FakeServer::Asked&) { return FakeServer::Answer{302, {}}; });
  CHECK(failure(to(server.url())) == "status 302");
}

}  // namespace
}  // namespace kafkascope::http
