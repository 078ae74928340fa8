#include "web/responses.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "web/client.h"
#include "web/test_server.h"

using namespace kafkascope;
using web::Clock;
using web::Connection;
using web::large_text;
using web::page_of;
using web::request;
using web::Response;
using web::TestServer;

namespace {

/// Returns whether TCP_NODELAY is set on a connection that this process accepted at the port; nothing: no connection.
std::optional<bool> sends_at_once(int port) {
  for (int fd = 0; fd < 1024; ++fd) {
    sockaddr_in ours{}, theirs{};
    socklen_t length = sizeof(ours);
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&ours), &length) != 0 || ntohs(ours.sin_port) != port) continue;
    length = sizeof(theirs);
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&theirs), &length) != 0) continue;
    int value = 0;
    length = sizeof(value);
    if (getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &length) == 0) return value != 0;
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("Keep-alive and pipelining work") {
  TestServer server(page_of("kafka_up 1\n"));
  Connection connection(server.port());
  connection.send(
      "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
      "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
      "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  std::string bytes = connection.read_to_end();
  const Response first = web::parse(bytes);
  CHECK(first.body == "kafka_up 1\n");
  CHECK(first.headers.at("connection") == "keep-alive");
  CHECK(web::parse(bytes).body == "ok\n");
  CHECK(web::parse(bytes).headers.at("connection") == "close");
  CHECK(bytes.empty());
}

TEST_CASE("A connection is kept alive only if both sides agree") {
  TestServer server(page_of("kafka_up 1\n"));
  const auto connection_header = [&](const std::string& head) {
    Connection connection(server.port());
    connection.send(head + "\r\n");
    connection.end_sending();
    std::string bytes = connection.read_to_end();
    return web::parse(bytes).headers.at("connection");
  };
  CHECK(connection_header("GET /healthz HTTP/1.1\r\nHost: x\r\n") == "keep-alive");
  CHECK(connection_header("GET /healthz HTTP/1.0\r\n") == "close");
  CHECK(connection_header("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n") == "keep-alive");
  CHECK(connection_header("GET /healthz HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n") == "close");
  CHECK(connection_header("GET /healthz HTTP/1.1\r\nContent-Length: 5\r\n") == "close");
  CHECK(connection_header("GET /healthz HTTP/1.1\r\nTransfer-Encoding: chunked\r\n") == "close");
}

TEST_CASE("A request whose end is not certain is refused, and what follows is not taken for another one") {
  const std::string next = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", size = std::to_string(next.size());
  std::string many;
  for (int i = 0; i < 63; ++i) many += "A: b\r\n";
  TestServer server(page_of("kafka_up 1\n"));
  const auto responses_to = [&](const std::string& headers) {
    Connection connection(server.port());
    connection.send("GET /healthz HTTP/1.1\r\nHost: x\r\n" + headers + "\r\n" + next);
    connection.end_sending();
    std::string bytes = connection.read_to_end();
    std::vector<std::string> statuses;
    for (size_t at = bytes.find("HTTP/1.1 "); at != bytes.npos; at = bytes.find("HTTP/1.1 ", at + 1))
      statuses.push_back(bytes.substr(at + 9, 3));
    return statuses;
  };
  using Statuses = std::vector<std::string>;
  for (const std::string& headers :
       {"Content-Length: 0\r\nContent-Length: " + size, "Content-Length: 0, " + size, "Content-Length: 0x" + size,
        std::string("Content-Length: +0"), "Content-Length: " + size + "\r\nTransfer-Encoding: chunked",
        "X: a\r\n b\r\nContent-Length: " + size, "X: a\r\n Content-Length: " + size, ": a\r\nContent-Length: " + size,
        many + "Content-Length: " + size, std::string("Host: y")}) {
    CAPTURE(headers);
    CHECK(responses_to(headers + "\r\n") == Statuses{"400"});
  }
  CHECK(responses_to("Content-Length: " + size + "\r\n") == Statuses{"200"});
  CHECK(responses_to("Content-Length: 0 \r\n") == Statuses{"200", "200"});
  CHECK(responses_to(many) == Statuses{"200", "200"});
  CHECK(responses_to("") == Statuses{"200", "200"});
}

TEST_CASE("An absolute URI with our address is accepted") {
  TestServer server(page_of("kafka_up 1\n"));
  const std::string authority = "127.0.0.1:" + std::to_string(server.port());
  CHECK(request(server.port(), "GET", "http://" + authority + "/metrics").body == "kafka_up 1\n");
}

TEST_CASE("The end of a response is not delayed by Nagle's algorithm") {
  TestServer server(page_of("kafka_up 1\n"));
  Connection connection(server.port());
  connection.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto end = Clock::now() + std::chrono::seconds(10);
  while (server.count_of("/healthz 200") == 0 && Clock::now() < end) std::this_thread::yield();
  CHECK(sends_at_once(server.port()) == true);
}

TEST_CASE("Fifty concurrent scrapers get the complete page") {
  const std::string text = large_text();
  const auto page = page_of(text);
  TestServer server(page);
  std::atomic<int> whole = 0;
  std::vector<std::thread> scrapers;
  for (int i = 0; i < 50; ++i) {
    scrapers.emplace_back([&] {
      for (int round = 0; round < 2; ++round) {
        whole += request(server.port(), "GET", "/metrics", "Accept-Encoding: gzip\r\n").body == page->gzip();
      }
    });
  }
  for (std::thread& scraper : scrapers) scraper.join();
  CHECK(whole == 100);
}

TEST_CASE("A client that never reads its response is disconnected") {
  const auto page = page_of(large_text());
  TestServer server(page);
  Connection connection(server.port(), 4096);
  connection.send("GET /metrics HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n");
  std::string received;
  while (server.count_of("/metrics 200") == 0) std::this_thread::yield();
  while (connection.read_some(received)) continue;
  CHECK(received.size() < page->gzip().size());
}
