#include "aws/answers.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

namespace kafkascope::aws {
namespace {

Time seconds(time_t since_1970) { return std::chrono::system_clock::from_time_t(since_1970); }

TEST_CASE("Times") {
  CHECK(parse_time("2026-11-28T02:30:00Z") == seconds(1795833000));
  CHECK(parse_time("2026-11-28T02:30:00.123Z") == seconds(1795833000));
  CHECK(parse_time("2026-11-28T02:30:00+00:00") == seconds(1795833000));
  for (const char* wrong :
       {"", "now", "2026-11-28", "2026-11-28T02:30:00", "2026-11-28T02:30:00+01:00", "1795833000"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_time(wrong));
  }
}

TEST_CASE("XML elements") {
  CHECK(xml_text("<A><Code>Denied</Code><Message>no</Message></A>", "Code") == "Denied");
  CHECK(xml_text("<A><Code>Denied</Code>", "Message").empty());
  CHECK(xml_text("<Code>cut", "Code") == "cut");
  CHECK(xml_text("", "Code").empty());
}

TEST_CASE("Credentials of container and instance metadata") {
  const auto found = parse_metadata_credentials(
      R"({"Code": "Success", "Type": "AWS-HMAC", "AccessKeyId": "ASIA1", "SecretAccessKey": "s/+",
          "Token": "t==", "Expiration": "2026-11-28T02:30:00Z"})",
      "here");
  CHECK(found.keys == Keys{"ASIA1", "s/+", "t=="});
  CHECK(found.expires == seconds(1795833000));
  CHECK(found.source == "here");
}

TEST_CASE("Other answers are errors, which repeat no secret") {
  const auto failure = [](const std::string& json) -> std::string {
    try {
      parse_metadata_credentials(json, "here");
    } catch (const Error& e) {
      return e.what();
    }
    return {};
  };
  CHECK(failure("<html>") == "here: the response is not a JSON object");
  CHECK(failure("[]") == "here: the response is not a JSON object");
  CHECK(failure("{}") == "here: the response has no credentials");
  CHECK(failure(R"({"AccessKeyId": "A", "SecretAccessKey": 1})") == "here: the response has no credentials");
  CHECK(failure(R"({"Code": "AssumeRoleUnauthorizedAccess", "Message": "EC2 cannot assume the role"})") ==
        "here: AssumeRoleUnauthorizedAccess EC2 cannot assume the role");
  CHECK(failure(R"({"AccessKeyId": "A", "SecretAccessKey": "s", "Token": "t\r\nX: y"})") ==
        "here: the credentials contain white space");
  CHECK(failure(R"({"AccessKeyId": "A", "SecretAccessKey": "s", "Expiration": "soon"})") ==
        "here: \"soon\" is not an expiry");
}

TEST_CASE("Credentials of STS") {
  const auto found = parse_sts_credentials(
      "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
      "<SessionToken>t==</SessionToken><SecretAccessKey>s</SecretAccessKey>"
      "<Expiration>2026-11-28T02:30:00Z</Expiration><AccessKeyId>ASIA1</AccessKeyId></Credentials>"
      "</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>",
      "sts");
  CHECK(found.keys == Keys{"ASIA1", "s", "t=="});
  CHECK(found.expires == seconds(1795833000));
}

}  // namespace
}  // namespace kafkascope::aws
