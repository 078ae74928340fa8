#include "aws/sigv4.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

namespace kafkascope::aws {
namespace {

using Query = std::vector<std::pair<std::string, std::string>>;
using Headers = std::map<std::string, std::string>;

const Keys kKeys{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};
const Scope kScope{"us-east-1", "service"};
const Time kNow = std::chrono::system_clock::from_time_t(1440938160);  // 2015-08-30T12:36:00Z
const std::string kShortToken = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";
const std::string kStsToken =
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthA"
    "x7mSEI/qkPpKPi/"
    "kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9"
    "q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";
const std::string kAlphabet = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Names and figures are those of AWS' published test suite.
struct Vector {
  std::string name, method;
  Query query;
  Headers headers;
  std::string body, session_token, signed_names, in_header, in_query;
};

const Vector kVectors[] = {
    {"get-vanilla",
     "GET",
     {},
     {},
     "",
     "",
     "host;x-amz-date",
     "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
     "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d"},
    {"get-vanilla-with-session-token",
     "GET",
     {},
     {},
     "",
     kShortToken,
     "host;x-amz-date;x-amz-security-token",
     "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8",
     "7ff2b50b376cb4d151970630573d6291dc128cc5c2a12ffb237f73cc53f67b6c"},
    {"get-vanilla-empty-query-key",
     "GET",
     {{"Param1", "value1"}},
     {},
     "",
     "",
     "host;x-amz-date",
     "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
     "49096700cbbaa5753443850f40df10f904fc2fdb544dc9512203cc77c471a9de"},
    {"get-vanilla-query-order-key-case",
     "GET",
     {{"Param2", "value2"}, {"Param1", "value1"}},
     {},
     "",
     "",
     "host;x-amz-date",
     "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
     "86012e2c9ad4d77369f5d81c11f75158aae4f895a085212cc6d3f923d300bed5"},
    {"get-vanilla-query-order-encoded",
     "GET",
     {{"Param-3", "Value3"}, {"Param", "Value2"}, {"\xe1\x88\xb4", "Value1"}},
     {},
     "",
     "",
     "host;x-amz-date",
     "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac",
     "c5f1848ceec943ac2ca68ee720460c23aaae30a2300586597ada94c4a65e4787"},
    {"get-vanilla-query-unreserved",
     "GET",
     {{kAlphabet, kAlphabet}},
     {},
     "",
     "",
     "host;x-amz-date",
     "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197",
     "8e76a88a7433637b12778d5592799b29ad21ecd6cf6325051c21d86f0acda2bf"},
    {"get-vanilla-utf8-query",
     "GET",
     {{"\xe1\x88\xb4", "bar"}},
     {},
     "",
     "",
     "host;x-amz-date",
     "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
     "0bdd809b1519ac4f0c1dc3540e2cc46bd0c7f778eda408b2ebf3b913d21ff600"},
    {"post-vanilla",
     "POST",
     {},
     {},
     "",
     "",
     "host;x-amz-date",
     "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
     "2ce6e6d2e0cf2f9d1b55fafec88cd20574c31dc2e7631979f71ba2310083e95b"},
    {"post-header-key-sort",
     "POST",
     {},
     {{"my-header1", "value1"}},
     "",
     "",
     "host;my-header1;x-amz-date",
     "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
     "c09d07e0d55871f10f2a6d350d994acf6825a3cae70673d7def55616e6119dd7"},
    {"post-vanilla-query",
     "POST",
     {{"Param1", "value1"}},
     {},
     "",
     "",
     "host;x-amz-date",
     "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
     "a9ef26247f293bffe40eeff86a0480ba8c14d31503b2e0c3399e3a16bf1a3682"},
    {"post-sts-header-before",
     "POST",
     {},
     {},
     "",
     kStsToken,
     "host;x-amz-date;x-amz-security-token",
     "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead",
     "46c2e3c63c1dbe7d39f8ada16fe7f001c1f56c5791441565323677f96308871c"},
    {"post-x-www-form-urlencoded",
     "POST",
     {},
     {{"content-length", "13"},
      {"content-type", "application/x-www-form-urlencoded"},
      {"x-amz-content-sha256", "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e"}},
     "Param1=value1",
     "",
     "content-length;content-type;host;x-amz-content-sha256;x-amz-date",
     "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b",
     ""},
};

Request request_of(const Vector& vector) {
  return {vector.method, "example.amazonaws.com", vector.query, vector.headers, vector.body};
}

Keys keys_of(const Vector& vector) { return {kKeys.id, kKeys.secret, vector.session_token}; }

TEST_CASE("Signatures in headers are those of AWS' test suite") {
  for (const Vector& vector : kVectors) {
    CAPTURE(vector.name);
    const auto lines = signed_headers(request_of(vector), keys_of(vector), kScope, kNow);
    CHECK(lines.back() ==
          "authorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, "
          "SignedHeaders=" +
              vector.signed_names + ", Signature=" + vector.in_header);
    CHECK(lines.size() == vector.headers.size() + (vector.session_token.empty() ? 2 : 3));
  }
}

TEST_CASE("Signatures in the query are those of AWS' test suite") {
  for (const Vector& vector : kVectors) {
    if (vector.in_query.empty()) continue;
    CAPTURE(vector.name);
    const auto query = presigned_query(request_of(vector), keys_of(vector), kScope, kNow, std::chrono::hours(1));
    CHECK(query.substr(query.rfind('&')) == "&X-Amz-Signature=" + vector.in_query);
  }
}

TEST_CASE("A pre-signed query contains all that the server needs") {
  CHECK(presigned_query(request_of(kVectors[1]), keys_of(kVectors[1]), kScope, kNow, std::chrono::hours(1)) ==
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20150830%2Fus-east-1%2Fservice%2Faws4_request&"
        "X-Amz-Date=20150830T123600Z&X-Amz-Expires=3600&X-Amz-Security-Token=" +
            kShortToken + "&X-Amz-SignedHeaders=host&X-Amz-Signature=" + kVectors[1].in_query);
}

}  // namespace
}  // namespace kafkascope::aws
