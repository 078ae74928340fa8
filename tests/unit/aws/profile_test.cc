#include "aws/profile.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "aws/fakes.h"

namespace kafkascope::aws {
namespace {

const Time kNow = std::chrono::system_clock::from_time_t(1440938160);  // 2015-08-30T12:36:00Z

using Profiles = std::map<std::string, Profile>;

Profiles parsed(std::string_view text, bool is_config) {
  Profiles profiles;
  parse_profiles(text, is_config, profiles);
  return profiles;
}

TEST_CASE("Sections and settings of the shared files") {
  CHECK(parsed("[a]\nx=1\n[b c]\n X = no\ny = 2 = 3 # comment\r\n;z=4\n#z=5\nEmpty =\n", false) ==
        Profiles{{"a", {{"x", "1"}}}, {"b c", {{"y", "2 = 3"}, {"empty", ""}}}});
  CHECK(parsed("lost=1\n[default]\nx=1\n[ profile  a ]\ns3 =\n  x=no\nx=2\n[sso-session s]\nx=3\n[b]\nx=4\n", true) ==
        Profiles{{"default", {{"x", "1"}}}, {"a", {{"s3", ""}, {"x", "2"}}}});
  CHECK(parsed("[", false).empty());
  CHECK(parsed("", true).empty());
}

/// A home directory with these shared files, and a fake STS.
struct Home {
  Home(const std::string& config, const std::string& credentials) {
    folder.write(".aws/config", config);
    folder.write(".aws/credentials", credentials);
  }

  Variables variables() const { return {{"HOME", folder.path()}, {"AWS_ENDPOINT_URL_STS", sts.url()}}; }
  Credentials find(const std::string& profile, Variables more = {}) const {
    more.merge(variables());
    return find_credentials(lookup(more, profile), kNow);
  }
  std::string fault(const std::string& profile) const {
    const std::string text = failure([&] { find(profile); });
    const std::string place =
        " of " + folder.path().string() + "/.aws/credentials and " + folder.path().string() + "/.aws/config";
    const size_t found = text.find(place);
    return found == text.npos ? text : text.substr(0, found) + text.substr(found + place.size());
  }

  TemporaryFolder folder;
  http::FakeServer sts{[](const Asked&) { return Answer{200, sts_xml("ASIA1")}; }};
};

TEST_CASE("Keys of a profile; those of the credentials file count") {
  const Home home("[profile a]\naws_access_key_id=A1\naws_secret_access_key=s1\n[profile only]\naws_access_key_id=A2\n",
                  "[a]\naws_access_key_id=A3\naws_secret_access_key=s3\naws_session_token=t3\n[empty]\n");
  CHECK(home.find("a").keys == Keys{"A3", "s3", "t3"});
  CHECK(home.find("", {{"AWS_PROFILE", "a"}}).keys.id == "A3");
  CHECK(home.fault("only") ==
        "profile only: it has only one of aws_access_key_id and aws_secret_access_key | add the other one");
  CHECK(home.fault("empty").starts_with("profile empty: it has no credentials | check the name"));
  CHECK(home.fault("other").starts_with("profile other: there is none | check the name"));
}

TEST_CASE("The shared files may be elsewhere") {
  const TemporaryFolder folder;
  const std::string file = folder.write("keys", "[default]\naws_access_key_id=A\naws_secret_access_key=s\n");
  CHECK(find_credentials(lookup({{"AWS_SHARED_CREDENTIALS_FILE", file}}), kNow).keys.id == "A");
  const std::string tilde = "~/keys";
  CHECK(find_credentials(lookup({{"HOME", folder.path()}, {"AWS_SHARED_CREDENTIALS_FILE", tilde}}), kNow).keys.id ==
        "A");
}

TEST_CASE("The role of a profile is assumed with the keys of another one") {
  const Home home("[profile a]\nrole_arn=arn:r\nsource_profile=keys\nexternal_id=x y\nduration_seconds=900\n",
                  "[keys]\naws_access_key_id=AKIDEXAMPLE\naws_secret_access_key=s\n");
  const auto found = home.find("a");
  CHECK(found.keys.id == "ASIA1");
  CHECK(found.source.starts_with("role arn:r, assumed by profile keys of "));
  const auto asked = home.sts.asked();
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].body ==
        "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Ar&RoleSessionName=kafkascope&ExternalId=x%20y&"
        "DurationSeconds=900");
  CHECK(asked[0].headers.at("x-amz-date") == "20150830T123600Z");
  // The signature is that of the request which arrived.
  Request request;
  request.method = "POST";
  request.host = asked[0].headers.at("host");
  request.headers["content-type"] = asked[0].headers.at("content-type");
  request.body = asked[0].body;
  CHECK("authorization: " + asked[0].headers.at("authorization") ==
        signed_headers(request, {"AKIDEXAMPLE", "s", ""}, {"eu-west-1", "sts"}, kNow).back());
}

TEST_CASE("Other ways to a role") {
  Home home(
      "[profile environment]\nrole_arn=arn:r\ncredential_source=Environment\n"
      "[profile own]\nrole_arn=arn:r\nsource_profile=own\naws_access_key_id=A1\naws_secret_access_key=s1\n"
      "[profile chain]\nrole_arn=arn:s\nsource_profile=own\n"
      "[profile loop]\nrole_arn=arn:r\nsource_profile=pool\n[profile pool]\nrole_arn=arn:r\nsource_profile=loop\n"
      "[profile bare]\nrole_arn=arn:r\n"
      "[profile mfa]\nrole_arn=arn:r\nmfa_serial=m\nsource_profile=own\n"
      "[profile sso]\nsso_session=s\n",
      "");
  const std::string token = home.folder.write("token", "jwt");
  home.folder.write(".aws/credentials", "[web]\nrole_arn=arn:w\nweb_identity_token_file=" + token + "\n");
  CHECK(home.find("web").source == "web identity " + token + ", role arn:w");
  const auto by_environment = home.find("environment", {{"AWS_ACCESS_KEY_ID", "A"}, {"AWS_SECRET_ACCESS_KEY", "s"}});
  CHECK(by_environment.source == "role arn:r, assumed by environment variables");
  CHECK(home.find("own").source.starts_with("role arn:r, assumed by profile own"));
  CHECK(home.find("chain").source.starts_with("role arn:s, assumed by profile own"));
  CHECK(home.fault("loop").find("refers to itself") != std::string::npos);
  CHECK(home.fault("environment") ==
        "profile environment: credential_source Environment has no credentials  | check credential_source");
  CHECK(home.fault("bare").starts_with("profile bare: it has a role_arn, but nothing to assume it with | add"));
  CHECK(home.fault("mfa") == "profile mfa: mfa_serial is not supported | use a role without it");
  CHECK(home.fault("sso").starts_with("profile sso: sso_session is not supported | use a role"));
}

}  // namespace
}  // namespace kafkascope::aws
