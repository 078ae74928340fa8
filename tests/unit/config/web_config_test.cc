#include "config/web_config.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "config/value.h"
#include "temporary_folder.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Catch::Matchers::StartsWith;
using namespace kafkascope::config;

namespace {

const std::string kHash = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG";

/// A folder with a web configuration, and the certificate and key that it names.
class Folder {
 public:
  explicit Folder(const std::string& text) {
    const std::filesystem::path cases = SOURCE_DIR "/tests/unit/config/cases";
    for (const char* name : {"cert.pem", "key.pem", "ca.pem", "key-of-another.pem", "key-encrypted.pem"})
      std::filesystem::copy_file(cases / name, folder_.path() / name);
    folder_.write("web.yml", text);
  }

  std::string file(const std::string& name) const { return folder_.path() / name; }
  WebConfig read(std::set<std::string>* files = nullptr) const {
    Web web;
    web.config_file = file("web.yml");
    return read_web_config(web, files);
  }

 private:
  const kafkascope::TemporaryFolder folder_;
};

WebConfig read(const std::string& text) { return Folder(text).read(); }

std::string tls(const std::string& more) {
  return "tls_server_config:\n  cert_file: cert.pem\n  key_file: key.pem\n" + more;
}

}  // namespace

TEST_CASE("Files without restrictions are valid") {
  for (const char* text : {"", "# nothing\n", "{}", "basic_auth_users:\n", "tls_server_config: {}\n",
                           "rate_limit: {interval: 0, burst: 0}\n", "http_server_config: {headers: }\n"}) {
    CAPTURE(text);
    const WebConfig config = read(text);
    CHECK_FALSE(config.tls);
    CHECK(config.users.empty());
    CHECK(config.rate_limit == RateLimit{});
  }
  CHECK(read("").blank);
  CHECK(read("# nothing\n").blank);
  CHECK_FALSE(read("{}").blank);
}

TEST_CASE("Every key is read") {
  const WebConfig config =
      read(tls("  client_ca_file: ca.pem\n"
               "  client_auth_type: RequireAndVerifyClientCert\n"
               "  client_allowed_sans: [prometheus, 10.0.0.1]\n"
               "  min_version: TLS11\n"
               "  max_version: TLS12\n"
               "  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, TLS_AES_128_GCM_SHA256]\n"
               "  curve_preferences: [X25519, CurveP521]\n"
               "  prefer_server_cipher_suites: no\n"
               "http_server_config:\n"
               "  http2: false\n"
               "  headers:\n"
               "    X-Frame-Options: deny\n"
               "    X-Content-Type-Options: nosniff\n"
               "    X-XSS-Protection: 1\n"
               "    Content-Security-Policy: default-src 'self'\n"
               "    Strict-Transport-Security: max-age=60\n"
               "basic_auth_users:\n  alice: " +
               kHash + "\nrate_limit: {interval: 1m30s, burst: 7}\n"));
  REQUIRE(config.tls);
  CHECK_THAT(config.tls->certificate, ContainsSubstring("BEGIN CERTIFICATE"));
  CHECK_THAT(config.tls->key, ContainsSubstring("PRIVATE KEY"));
  CHECK_THAT(config.tls->client_ca, ContainsSubstring("BEGIN CERTIFICATE"));
  CHECK(config.tls->client_auth == ClientAuth::kRequireAndVerify);
  CHECK(config.tls->client_allowed_sans == std::vector<std::string>{"prometheus", "10.0.0.1"});
  CHECK(config.tls->min_version == TlsVersion::k11);
  CHECK(config.tls->max_version == TlsVersion::k12);
  CHECK(config.tls->ciphers == std::vector<std::string>{"ECDHE-RSA-AES128-GCM-SHA256"});
  CHECK(config.tls->ciphersuites == std::vector<std::string>{"TLS_AES_128_GCM_SHA256"});
  CHECK(config.tls->groups == std::vector<std::string>{"X25519", "P-521"});
  CHECK_FALSE(config.tls->prefer_server_ciphers);
  CHECK(config.headers.size() == 5);
  CHECK(config.headers.at("X-XSS-Protection") == "1");
  CHECK(config.users.at("alice") == kHash);
  CHECK(config.rate_limit == RateLimit{std::chrono::seconds(90), 7});
  CHECK(config.notices.empty());
}

TEST_CASE("Certificates and keys can stand in the file") {
  const Folder source("");
  const auto indented = [&](const char* name) {
    std::ifstream file(source.file(name));
    std::string result, line;
    while (std::getline(file, line)) result += "    " + line + "\n";
    return result;
  };
  const WebConfig config =
      read("tls_server_config:\n  cert: |\n" + indented("cert.pem") + "  key: |\n" + indented("key.pem") +
           "  client_ca: |\n" + indented("ca.pem") + "  client_auth_type: VerifyClientCertIfGiven\n");
  REQUIRE(config.tls);
  CHECK_THAT(config.tls->key, ContainsSubstring("PRIVATE KEY"));
}

TEST_CASE("The defaults are those of the toolkit") {
  const WebConfig config = read(tls(""));
  REQUIRE(config.tls);
  CHECK(config.tls->client_auth == ClientAuth::kNone);
  CHECK(config.tls->min_version == TlsVersion::k12);
  CHECK(config.tls->max_version == TlsVersion::k13);
  CHECK(config.tls->prefer_server_ciphers);
}

TEST_CASE("Client authentication has five types and an old name") {
  const auto [name, expected] = GENERATE(table<std::string, ClientAuth>({
      {"", ClientAuth::kNone},
      {"NoClientCert", ClientAuth::kNone},
      {"RequestClientCert", ClientAuth::kRequest},
      {"RequireAnyClientCert", ClientAuth::kRequireAny},
      {"RequireClientCert", ClientAuth::kRequireAny},
      {"VerifyClientCertIfGiven", ClientAuth::kVerifyIfGiven},
      {"RequireAndVerifyClientCert", ClientAuth::kRequireAndVerify},
  }));
  CAPTURE(name);
  const WebConfig config = read(tls("  client_auth_type: " + name + "\n"));
  CHECK(config.tls->client_auth == expected);
  const bool verified = expected != ClientAuth::kRequest && expected != ClientAuth::kRequireAny;
  CHECK(config.notices.empty() == verified);
}

TEST_CASE("All cipher suites that the toolkit knows are known") {
  const WebConfig config =
      read(tls("  cipher_suites:\n"
               "  - TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256\n"
               "  - TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384\n"
               "  - TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256\n"
               "  - TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384\n"
               "  - TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256\n"
               "  - TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256\n"
               "  - TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA\n"
               "  - TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA\n"
               "  - TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA\n"
               "  - TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA\n"
               "  - TLS_AES_128_GCM_SHA256\n"
               "  - TLS_AES_256_GCM_SHA384\n"
               "  - TLS_CHACHA20_POLY1305_SHA256\n"));
  CHECK(config.tls->ciphers.size() == 10);
  CHECK(config.tls->ciphersuites.size() == 3);
}

TEST_CASE("HTTP/2 is reported, and without it a cipher suite that it requires may be missing") {
  CHECK(read("http_server_config: {http2: true}").notices.size() == 1);
  const std::string ciphers = "  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384]\n  max_version: TLS12\n";
  CHECK_NOTHROW(read(tls(ciphers) + "http_server_config: {http2: false}\n"));
  CHECK_THROWS_MATCHES(read(tls(ciphers)), ConfigError, MessageMatches(ContainsSubstring("HTTP/2 requires")));
}

TEST_CASE("Invalid files are rejected with line and hint") {
  struct Case {
    std::string text, error;
  };
  const std::string other_key = "tls_server_config:\n  cert_file: cert.pem\n  key_file: ";
  const auto test = GENERATE_COPY(
      Case{"hWkNKCp3fvIx3jKnsaBI\nTuEjdwNS8A2vYdFbiKqr\n", "web.yml:1: web configuration: is a section"},
      Case{"a: [", "web.yml:1: not YAML"}, Case{"{},", "web.yml:1: not YAML: text after the end"},
      Case{"tls_server_config:\n  cert_filse: cert.pem\n",
           "web.yml:2: tls_server_config.cert_filse: unknown key; did you mean cert_file?"},
      Case{"users: {}\n", "web.yml:1: users: unknown key; known here are tls_server_config, "},
      Case{"basic_auth_user: {}\n", "did you mean basic_auth_users?"},
      Case{"rate_limit: {}\nrate_limit: {}\n", "web.yml:2: rate_limit: given twice"},
      Case{"tls_server_config: [1]\n", "is a section"},
      Case{"tls_server_config:\n  cert_file: \"\"\n  key_file: key.pem\n",
           "web.yml:1: tls_server_config: has no certificate; add cert_file"},
      Case{"tls_server_config:\n  cert: \"\"\n  key_file: key.pem\n", "has no certificate"},
      Case{"tls_server_config:\n  cert_file: cert.pem\n  key_file: \"\"\n", "has no private key; add key_file"},
      Case{"tls_server_config:\n  cert_file: cert.pem\n  key: \"\"\n", "has no private key"},
      Case{"tls_server_config:\n  cert_file: \"\"\n  key_file: \"\"\n  client_auth_type: x\n", "\"x\" is not known"},
      Case{"tls_server_config:\n  min_version: TLS12\n", "has no certificate"},
      Case{"tls_server_config:\n  cert_file: somefile\n  key_file: key.pem\n",
           "web.yml:2: tls_server_config.cert_file: cannot read "},
      Case{"tls_server_config:\n  cert_file: cert.pem\n  key_file: somefile\n", "tls_server_config.key_file: cannot"},
      Case{other_key + "key-of-another.pem\n",
           "belongs to another certificate than that of tls_server_config.cert_file"},
      Case{other_key + "key-encrypted.pem\n", "is encrypted, which is not supported here"},
      Case{other_key + "cert.pem\n", "contains a certificate but no private key"},
      Case{tls("  client_ca_file: /dev/null\n"), "web.yml:4: tls_server_config.client_ca_file: has no effect; add "},
      Case{tls("  client_ca_file: somefile\n  client_auth_type: RequireAndVerifyClientCert\n"), "cannot read"},
      Case{tls("  client_ca_file: key.pem\n  client_auth_type: RequireAndVerifyClientCert\n"), "no certificate"},
      Case{tls("  client_allowed_sans: [a]\n"), "client_allowed_sans: has no effect"},
      Case{tls("  client_allowed_sans: []\n  client_auth_type: RequireAndVerifyClientCert\n"),
           "no certificate is allowed"},
      Case{tls("  client_auth_type: RequireAndVerifyClient\n"), "did you mean RequireAndVerifyClientCert?"},
      Case{tls("  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA2048]\n"),
           "\"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA2048\" is not known; did you mean "},
      Case{tls("  cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]\n"), "is not known"},
      Case{tls("  curve_preferences: [CurveP257]\n"), "\"CurveP257\" is not known; did you mean CurveP2"},
      Case{tls("  min_version: TLS111\n"), "\"TLS111\" is not known; did you mean TLS1"},
      Case{tls("  min_version: TLS13\n  max_version: TLS12\n"), "min_version is above max_version"},
      Case{tls("  cipher_suites: [TLS_AES_128_GCM_SHA256]\n  max_version: TLS12\n"), "only suites of TLS 1.3"},
      Case{tls("  prefer_server_cipher_suites: maybe\n"), "neither true nor false"},
      Case{"basic_auth_users: {john: doe}\n", "web.yml:1: basic_auth_users.john: is not a bcrypt hash"},
      Case{"basic_auth_users: {john: }\n", "is not a bcrypt hash"},
      Case{"basic_auth_users: {john: $2y$99" + kHash.substr(6) + "}\n", "is not a bcrypt hash"},
      Case{"basic_auth_users: {john: $2x$10" + kHash.substr(6) + "}\n", "is not a bcrypt hash"},
      Case{"http_server_config: {headers: {X-Content-Type-Options: sniff}}\n", "\"sniff\" is not valid; it is nosniff"},
      Case{"http_server_config: {headers: {X-Frame-Options: foo}}\n", "it is deny or sameorigin"},
      Case{"http_server_config: {headers: {Content-Type: foo}}\n", "headers.Content-Type: unknown key"},
      Case{"http_server_config: {headers: {X-XSS-Protection: \"1\\r\\nSet-Cookie: a=b\"}}\n", "line break"},
      Case{"rate_limit: {interval: 5}\n", "is not a duration"}, Case{"rate_limit: {burst: -1}\n", "whole number"});
  CAPTURE(test.text);
  CHECK_THROWS_MATCHES(read(test.text), ConfigError, MessageMatches(ContainsSubstring(test.error)));
}

TEST_CASE("Errors contain no secret") {
  for (const char* text : {"basic_auth_users: {john: swordfish}\n", "basic_auth_users: {'swordfish!': {}}\n",
                           "basic_auth_users:\n  john: swordfish: x\n",
                           "tls_server_config: {key: swordfish, cert: x}\n", "? {a: swordfish}\n"}) {
    CAPTURE(text);
    try {
      read(text);
      FAIL("was accepted");
    } catch (const ConfigError& error) {
      const std::string what = error.what();
      CHECK((what.find("swordfish") == what.npos || std::string(text).find("'swordfish!'") != std::string::npos));
    }
  }
}

TEST_CASE("A burst of 0 is accepted as in the toolkit, and reported") {
  CHECK(read("rate_limit: {interval: 1s, burst: 0}\n").notices.size() == 1);
}

TEST_CASE("All files that are read are named, those of a failed attempt, too") {
  const Folder folder(tls("  client_ca_file: /nowhere/ca.pem\n  client_auth_type: RequireAndVerifyClientCert\n"));
  std::set<std::string> files;
  CHECK_THROWS_AS(folder.read(&files), ConfigError);
  CHECK(files == std::set<std::string>{folder.file("web.yml"), folder.file("cert.pem"), folder.file("key.pem"),
                                       "/nowhere/ca.pem"});
}

TEST_CASE("kafka_exporter's flags give the same configuration") {
  const Folder folder("");
  Web web;
  web.server_tls = {true, false, "", folder.file("cert.pem"), folder.file("key.pem")};
  CHECK(read_web_config(web).tls == Folder(tls("")).read().tls);
  web.server_tls = {true, true, folder.file("ca.pem"), folder.file("cert.pem"), folder.file("key.pem")};
  const WebConfig mutual = read_web_config(web);
  CHECK(mutual.tls->client_auth == ClientAuth::kRequireAndVerify);
  CHECK_THAT(mutual.tls->client_ca, StartsWith("-----BEGIN CERTIFICATE"));
  web.server_tls.key_file = "";
  CHECK_THROWS_MATCHES(read_web_config(web), ConfigError,
                       MessageMatches(ContainsSubstring("--server.tls.enabled: a private key is needed")));
}
