#include "aws/credentials.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "aws/fakes.h"

namespace kafkascope::aws {
namespace {

const Time kNow = std::chrono::system_clock::from_time_t(1795831200);  // 2026-11-28T02:00:00Z

Credentials find(const Variables& variables, const std::string& profile = {}) {
  return find_credentials(lookup(variables, profile), kNow);
}

std::string fault(const Variables& variables, const std::string& profile = {}) {
  return failure([&] { find(variables, profile); });
}

bool contains(const std::string& text, std::string_view part) { return text.find(part) != text.npos; }

TEST_CASE("Keys of the environment") {
  const auto found = find({{"AWS_ACCESS_KEY_ID", "AKIA1"}, {"AWS_SECRET_ACCESS_KEY", "s"}, {"AWS_SESSION_TOKEN", "t"}});
  CHECK(found.keys == Keys{"AKIA1", "s", "t"});
  CHECK_FALSE(found.expires);
  CHECK(found.source == "environment variables");
  CHECK(fault({{"AWS_ACCESS_KEY_ID", "AKIA1"}}) ==
        "AWS_ACCESS_KEY_ID is set, AWS_SECRET_ACCESS_KEY is not | set both, or none");
  CHECK(fault({{"AWS_SECRET_ACCESS_KEY", "s"}}) ==
        "AWS_SECRET_ACCESS_KEY is set, AWS_ACCESS_KEY_ID is not | set both, or none");
}

TEST_CASE("Nothing is found: the error names every place") {
  const TemporaryFolder home;
  const std::string text = fault({{"HOME", home.path()}});
  for (const char* place :
       {"AWS_ACCESS_KEY_ID", "AWS_WEB_IDENTITY_TOKEN_FILE", "profile default of ", "/.aws/credentials", "/.aws/config",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI", "instance metadata (AWS_EC2_METADATA_DISABLED is true)", "connecting.md"})
    CHECK(contains(text, place));
  CHECK(contains(fault({}), "profile default (HOME is not set)"));
}

TEST_CASE("A web identity is exchanged at STS") {
  const TemporaryFolder folder;
  const std::string file = folder.write("token", "a.b+c\n");
  http::FakeServer sts([](const Asked&) { return Answer{200, sts_xml("ASIA1")}; });
  const Variables variables = {{"AWS_WEB_IDENTITY_TOKEN_FILE", file},
                               {"AWS_ROLE_ARN", "arn:aws:iam::1:role/r"},
                               {"AWS_ENDPOINT_URL_STS", sts.url()}};
  const auto found = find(variables);
  CHECK(found.keys == Keys{"ASIA1", "secret", "token"});
  CHECK(found.source == "web identity " + file + ", role arn:aws:iam::1:role/r");
  const auto asked = sts.asked();
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].line == "POST /");
  CHECK(asked[0].headers.at("content-type") == "application/x-www-form-urlencoded");
  CHECK_FALSE(asked[0].headers.contains("authorization"));
  CHECK(asked[0].body ==
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fr&"
        "RoleSessionName=kafkascope&WebIdentityToken=a.b%2Bc");

  SECTION("under a name of its own") {
    Variables named = variables;
    named["AWS_ROLE_SESSION_NAME"] = "mine";
    find(named);
    CHECK(contains(sts.asked().back().body, "&RoleSessionName=mine&"));
  }
  SECTION("without a role") {
    CHECK(contains(fault({{"AWS_WEB_IDENTITY_TOKEN_FILE", file}}), "AWS_ROLE_ARN is not | set AWS_ROLE_ARN"));
  }
  SECTION("without the file") {
    Variables missing = variables;
    missing["AWS_WEB_IDENTITY_TOKEN_FILE"] = "/nonexistent";
    CHECK(fault(missing) ==
          "the web identity token: cannot read /nonexistent: No such file or directory | give a file that this user "
          "may read");
  }
}

TEST_CASE("STS refuses, or is not reachable: the error has its reason but no token") {
  const TemporaryFolder folder;
  http::FakeServer sts([](const Asked&) {
    return Answer{
        403,
        "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>Not authorized to perform "
        "sts:AssumeRoleWithWebIdentity</Message></Error></ErrorResponse>"};
  });
  Variables variables = {{"AWS_WEB_IDENTITY_TOKEN_FILE", folder.write("token", "hunter2")},
                         {"AWS_ROLE_ARN", "arn:r"},
                         {"AWS_ENDPOINT_URL_STS", sts.url()},
                         {"https_proxy", ""}};
  const std::string refused = fault(variables);
  CHECK(contains(refused, "no credentials of role arn:r: " + sts.url() +
                              " refuses: 403 AccessDenied Not authorized to perform sts:AssumeRoleWithWebIdentity | "
                              "check the role's trust policy"));
  variables["AWS_ENDPOINT_URL_STS"] = "http://127.0.0.1:1";
  const std::string unreachable = fault(variables);
  CHECK(contains(unreachable, "http://127.0.0.1:1: Couldn't connect to server | check that this host can reach STS"));
  CHECK_FALSE(contains(refused + unreachable, "hunter2"));
}

TEST_CASE("Credentials of a container") {
  const TemporaryFolder folder;
  http::FakeServer agent([](const Asked& asked) {
    const auto token = asked.headers.find("authorization");
    if (token == asked.headers.end() || token->second != "pod token") return Answer{401, {}};
    return Answer{200, metadata_json("ASIA2")};
  });
  Variables variables = {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", agent.url() + "/v1/credentials"},
                         {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", folder.write("token", "pod token\n")}};
  CHECK(find(variables).keys.id == "ASIA2");
  CHECK(find(variables).source == "container credentials " + agent.url() + "/v1/credentials");
  CHECK(agent.asked().front().line == "GET /v1/credentials");

  SECTION("with the token in the environment") {
    variables.erase("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] = "pod token";
    CHECK(find(variables).keys.id == "ASIA2");
  }
  SECTION("denied") {
    variables.erase("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    CHECK(contains(fault(variables), "/v1/credentials: 401 | check that the task has a task role"));
  }
  SECTION("a token that would add a header") {
    folder.write("token", "pod token\nX: y\n");
    CHECK(contains(fault(variables), "has several lines"));
  }
  SECTION("of hosts that may be asked without TLS") {
    for (const char* url :
         {"http://169.254.170.2.example.com/", "http://example.com", "http://10.0.0.1:80/a", "ftp://a"}) {
      CAPTURE(url);
      CHECK(contains(fault({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", url}}),
                     "container credentials " + std::string(url) + ": "));
    }
    CHECK(contains(fault({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://example.com"}}), "use https://"));
  }
}

/// An instance metadata service of version 2.
Answer instance(const Asked& asked) {
  if (asked.line == "PUT /latest/api/token")
    return asked.headers.contains("x-aws-ec2-metadata-token-ttl-seconds") ? Answer{200, "imds"} : Answer{400, {}};
  const auto token = asked.headers.find("x-aws-ec2-metadata-token");
  if (token == asked.headers.end() || token->second != "imds") return {401, {}};
  if (asked.line == "GET /latest/meta-data/iam/security-credentials/") return {200, "kafka-reader"};
  if (asked.line == "GET /latest/meta-data/iam/security-credentials/kafka-reader") return {200, metadata_json("ASIA3")};
  return {404, {}};
}

/// One of version 1.
Answer old_instance(const Asked& asked) {
  if (asked.line == "PUT /latest/api/token") return {403, {}};
  Asked with_token = asked;
  with_token.headers["x-aws-ec2-metadata-token"] = "imds";
  return instance(with_token);
}

Variables instance_at(const http::FakeServer& server) {
  return {{"AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url() + "/"}, {"AWS_EC2_METADATA_DISABLED", ""}};
}

TEST_CASE("Credentials of an instance, version 2") {
  http::FakeServer server(instance);
  const auto found = find(instance_at(server));
  CHECK(found.keys == Keys{"ASIA3", "secret", "token"});
  CHECK(found.source == "instance metadata " + server.url() + ", role kafka-reader");
}

TEST_CASE("Credentials of an instance, version 1") {
  http::FakeServer server(old_instance);
  Variables variables = instance_at(server);
  CHECK(find(variables).keys.id == "ASIA3");
  variables["AWS_EC2_METADATA_V1_DISABLED"] = "true";
  CHECK(contains(fault(variables), "no instance metadata (" + server.url() + "/latest/api/token: 403)"));
}

TEST_CASE("An instance without a role") {
  http::FakeServer server([](const Asked& asked) {
    return asked.line.starts_with("PUT") ? Answer{200, "imds"} : Answer{404, {}};
  });
  CHECK(fault(instance_at(server)) == "instance metadata " + server.url() +
                                          ": the instance has no role | attach an instance profile with an IAM role to "
                                          "the instance");
}

TEST_CASE("Places are tried in order; one that fails is not passed over") {
  const TemporaryFolder home;
  home.write(".aws/credentials", "[default]\naws_access_key_id=AKIA4\naws_secret_access_key=s\n");
  http::FakeServer sts([](const Asked&) { return Answer{500, {}}; });
  Variables variables = {{"HOME", home.path()}};
  variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = "http://example.com";
  CHECK(find(variables).keys.id == "AKIA4");
  variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = home.write("token", "t");
  variables["AWS_ROLE_ARN"] = "arn:r";
  variables["AWS_ENDPOINT_URL_STS"] = sts.url();
  CHECK(contains(fault(variables), "refuses: 500"));
  CHECK(find(variables, "default").keys.id == "AKIA4");
  variables["AWS_ACCESS_KEY_ID"] = "AKIA5";
  variables["AWS_SECRET_ACCESS_KEY"] = "s";
  CHECK(find(variables).keys.id == "AKIA5");
}

}  // namespace
}  // namespace kafkascope::aws
