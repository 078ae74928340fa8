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
