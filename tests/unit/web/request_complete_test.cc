#include "web/request_complete.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "web/limits.h"

using namespace kafkascope::web;

TEST_CASE("An HTTP request is complete if its head is, or if it is invalid") {
  CHECK_FALSE(is_complete_http(""));
  CHECK_FALSE(is_complete_http("GET / HTTP/1.1\r\nHost: x\r\n"));
  CHECK_FALSE(is_complete_http("GET / HTTP/1.1\r\nHost: x\r\n\r"));
  CHECK(is_complete_http("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  CHECK(is_complete_http("GET / HTTP/1.1\nHost: x\n\n"));
  CHECK(is_complete_http("\x16\x03\x01"));
  CHECK(is_complete_http("GET \x7f"));
  CHECK_FALSE(is_complete_http("GET /\xff"));
  CHECK_FALSE(is_complete_http(std::string(kMaxRequestBytes - 1, 'x')));
  CHECK(is_complete_http(std::string(kMaxRequestBytes, 'x')));
}

TEST_CASE("A TLS hello is complete if its record is, or if it is not TLS") {
  const std::string head("\x16\x03\x01\x01\x02", 5);  // a record of 0x102 bytes
  CHECK_FALSE(is_complete_tls(""));
  CHECK_FALSE(is_complete_tls(head.substr(0, 4)));
  CHECK_FALSE(is_complete_tls(head + std::string(0x101, 'x')));
  CHECK(is_complete_tls(head + std::string(0x102, 'x')));
  CHECK(is_complete_tls("GET"));
  const std::string longest("\x16\x03\x01\xff\xff", 5);  // longer than the bytes that are peeked
  CHECK_FALSE(is_complete_tls(longest + std::string(kMaxRequestBytes - 6, 'x')));
  CHECK(is_complete_tls(longest + std::string(kMaxRequestBytes - 5, 'x')));
}
