#include "web/connection_queue.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <string>
#include <vector>

#include "web/client.h"
#include "web/crowd.h"
#include "web/test_server.h"

using Catch::Matchers::StartsWith;
using namespace kafkascope;
using web::Clock;
using web::Connection;
using web::Crowd;
using web::kEndsWithin;
using web::kPromptly;
using web::large_text;
using web::page_of;
using web::request;
using web::seconds_since;
using web::TestServer;

TEST_CASE("Hostile requests are refused and the server keeps running") {
  struct Case {
    const char* what;
    std::string bytes;
    std::string answer;  // its beginning; empty: the connection is closed
  };
  using namespace std::string_literals;
  static const std::vector<Case> kCases{
      {"nothing", "", ""},
      {"garbage", "\x01\x02\x03\xff\xfe", "HTTP/1.1 400"},
      {"text", "hello\r\n\r\n", "HTTP/1.1 400"},
      {"a TLS hello to a plain port", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, "HTTP/1.1 400"},
      {"an HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1"},
      {"no line end", "GET /metrics HTTP/1.1", ""},
      {"no empty line", "GET /metrics HTTP/1.1\r\nHost: x\r\n", ""},
      {"no carriage returns", "GET /healthz HTTP/1.1\nHost: x\nConnection: close\n\n", "HTTP/1.1 200"},
      {"a NUL", "GET /metrics\0 HTTP/1.1\r\n\r\n"s, "HTTP/1.1 400"},
      {"a NUL in a header", "GET /metrics HTTP/1.1\r\nHost: a\0b\r\n\r\n"s, "HTTP/1.1 400"},
      {"a huge header", "GET /metrics HTTP/1.1\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n", "HTTP/1.1 400"},
      {"a huge path", "GET /" + std::string(100'000, 'x'), "HTTP/1.1 400"},
      {"too many headers",
       [] {
         std::string lines = "GET /metrics HTTP/1.1\r\n";
         for (int i = 0; i < 1000; ++i) lines += "A: b\r\n";
         return lines + "\r\n";
       }(),
       "HTTP/1.1 400"},
      {"a negative length", "POST /metrics HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 411"},
      {"a length that is no number", "POST /metrics HTTP/1.1\r\nContent-Length: x\r\n\r\n", "HTTP/1.1 411"},
      {"a length without a body", "POST /metrics HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", "HTTP/1.1 405"},
      {"a chunked body", "POST /metrics HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\nx", "HTTP/1.1 405"},
      {"an unknown transfer encoding", "GET /metrics HTTP/1.1\r\nTransfer-Encoding: x\r\n\r\n", "HTTP/1.1 400"},
      {"a body that waits", "PUT /metrics HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
       "HTTP/1.1 405"},
      {"a proxy request", "GET http://example.com/metrics HTTP/1.1\r\nHost: example.com\r\n\r\n", ""},
      {"a tunnel", "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n", "HTTP/1.1 4"},
      {"an asterisk", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", ""},
      {"dots", "GET /../../../../etc/passwd HTTP/1.1\r\nConnection: close\r\n\r\n", "HTTP/1.1 404"},
      {"encoded dots", "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nConnection: close\r\n\r\n", "HTTP/1.1 404"},
      {"no path", "GET HTTP/1.1\r\n\r\n", "HTTP/1.1 400"},
      {"a relative path", "GET metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 400"},
      {"an unknown method", "BREW /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 400"},
      {"an unknown version", "GET /metrics HTTP/9.9\r\n\r\n", "HTTP/1.1 505"},
  };
  // One server for all requests: none may affect the next one.
  TestServer server(page_of("kafka_up 1\n"));
  for (const Case& test : kCases) {
    CAPTURE(test.what);
    Connection connection(server.port());
    connection.send(test.bytes);
    connection.end_sending();
    if (test.answer.empty()) {
      CHECK(connection.read_to_end().empty());
    } else {
      CHECK_THAT(connection.read_to_end(), StartsWith(test.answer));
    }
    CHECK(request(server.port(), "GET", "/metrics").body == "kafka_up 1\n");
  }
}

TEST_CASE("Slow clients delay neither other clients nor the shutdown") {
  struct Case {
    const char* what;
    size_t clients;
    std::string bytes;
    std::string trickle;
  };
  const std::string get = "GET /metrics HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n";
  const auto test =
      GENERATE_COPY(Case{"a thousand that say nothing", 1000, "", ""},
                    Case{"a thousand that never end their request", 1000, get + "X: ", "x"},
                    Case{"200 that do not read their answer", 200, get + "\r\n", ""},
                    Case{"200 that keep their connection and ask for more and more", 200, get + "\r\n", get + "\r\n"},
                    Case{"200 that announce a body and hardly send it", 200,
                         "POST / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n", "x"});
  CAPTURE(test.what);
  const auto page = page_of(large_text());
  TestServer server(page);
  const Crowd crowd(server.port(), test.clients, test.bytes, test.trickle);
  for (int i = 0; i < 3; ++i) {
    const auto start = Clock::now();
    CHECK(request(server.port(), "GET", "/metrics", "Accept-Encoding: gzip\r\n").body == page->gzip());
    CHECK(seconds_since(start) < kPromptly);
  }
  const auto start = Clock::now();
  server.stop();
  CHECK(seconds_since(start) < kEndsWithin);
}

TEST_CASE("A client that sends nothing is disconnected") {
  TestServer server(page_of("kafka_up 1\n"));
  CHECK(Connection(server.port()).read_to_end().empty());
}
