#include "aws/msk_token.h"

#include <openssl/evp.h>

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <string>

#include "aws/fakes.h"

namespace kafkascope::aws {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

const Time kNow = std::chrono::system_clock::from_time_t(1795831200);  // 2026-11-28T02:00:00Z

std::string decoded(std::string text) {
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  const size_t padding = (4 - text.size() % 4) % 4;
  text.append(padding, '=');
  std::string bytes(text.size(), '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  REQUIRE(size >= 0);
  return bytes.substr(0, static_cast<size_t>(size) - padding);
}

TEST_CASE("A token is a pre-signed URL") {
  const Credentials credentials{{"AKIDEXAMPLE", "s", "t=/+"}, std::nullopt, "here"};
  const Token token = msk_token("eu-west-1", credentials, kNow + std::chrono::milliseconds(400));
  CHECK(token.text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
        std::string::npos);
  CHECK(token.expires == kNow + minutes(15));
  // The signature is botocore's for this request.
  CHECK(decoded(token.text) ==
        "https://kafka.eu-west-1.amazonaws.com/?Action=kafka-cluster%3AConnect&X-Amz-Algorithm=AWS4-HMAC-SHA256&"
        "X-Amz-Credential=AKIDEXAMPLE%2F20261128%2Feu-west-1%2Fkafka-cluster%2Faws4_request&"
        "X-Amz-Date=20261128T020000Z&X-Amz-Expires=900&X-Amz-Security-Token=t%3D%2F%2B&X-Amz-SignedHeaders=host&"
        "X-Amz-Signature=6aadf2be86d300650a21cf25bc1ae324b35b29d704829abd5e1bd8312c255184&User-Agent=kafkascope");
}

TEST_CASE("A token ends with its credentials") {
  const Credentials credentials{{"A", "s", "t"}, kNow + minutes(3), "here"};
  CHECK(msk_token("eu-west-1", credentials, kNow).expires == kNow + minutes(3));
}

TEST_CASE("Credentials are kept until they are about to expire, and then also if they cannot be replaced") {
  std::string expiration = "2026-11-28T03:00:00Z";  // in an hour
  int status = 200, count = 0;
  http::FakeServer agent([&](const Asked&) {
    return Answer{status, metadata_json("ASIA" + std::to_string(++count), expiration)};
  });
  MskTokens tokens(lookup({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", agent.url()}}));
  const auto made = tokens.make(kNow);
  CHECK(made.source == "container credentials " + agent.url());
  CHECK_FALSE(made.warning);
  tokens.make(kNow + minutes(44));
  CHECK(agent.asked().size() == 1);

  status = 500;
  const auto kept = tokens.make(kNow + minutes(50));
  CHECK(agent.asked().size() == 2);
  CHECK(kept.token.expires == kNow + minutes(60));
  REQUIRE(kept.warning);
  CHECK(std::string(kept.warning->what()).find(": 500") != std::string::npos);

  CHECK_FALSE(failure([&] { tokens.make(kNow + minutes(60) - seconds(1)); }).empty());

  status = 200;
  expiration = "2026-11-28T04:00:00Z";
  const auto renewed = tokens.make(kNow + minutes(60));
  CHECK_FALSE(renewed.warning);
  CHECK(renewed.token.expires == kNow + minutes(75));
  CHECK(decoded(renewed.token.text).find("X-Amz-Credential=ASIA4%2F") != std::string::npos);
}

TEST_CASE("Expired credentials are an error") {
  http::FakeServer agent([](const Asked&) { return Answer{200, metadata_json("ASIA", "2026-11-28T02:00:00Z")}; });
  MskTokens tokens(lookup({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", agent.url()}}));
  CHECK(failure([&] { tokens.make(kNow); }).find("the credentials have expired | check the clock") !=
        std::string::npos);
}

TEST_CASE("Permanent keys are read again for each token") {
  const TemporaryFolder folder;
  const auto keys = [](const std::string& id) {
    return "[default]\naws_access_key_id=" + id + "\naws_secret_access_key=s\n";
  };
  MskTokens tokens(lookup({{"AWS_SHARED_CREDENTIALS_FILE", folder.write("keys", keys("A1"))}}));
  CHECK(decoded(tokens.make(kNow).token.text).find("=A1%2F") != std::string::npos);
  folder.write("keys", keys("A2"));
  CHECK(decoded(tokens.make(kNow).token.text).find("=A2%2F") != std::string::npos);
}

}  // namespace
}  // namespace kafkascope::aws
