#include "web/access.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "web/client.h"
#include "web/password_hash.h"
#include "web/test_server.h"
#include "web/tls.h"

using Catch::Matchers::StartsWith;
using namespace kafkascope;
using web::AccessSource;
using web::Connection;
using web::Identity;
using web::kGetHealth;
using web::make_identity;
using web::page_of;
using web::request;
using web::Response;
using web::TestServer;
using web::TlsClient;

namespace {

const std::string kHash = web::hash_password("secret", 4), kOtherHash = web::hash_password("other", 4);
const std::string kAlice = "basic_auth_users:\n  alice: " + kHash + "\n";

/// "Authorization: Basic alice:secret".
const std::string kSecret = "Authorization: Basic YWxpY2U6c2VjcmV0\r\n";
const std::string kOther = "Authorization: Basic YWxpY2U6b3RoZXI=\r\n";

/// A server with a web configuration file.
struct Configured {
  explicit Configured(const std::string& text) {
    write(text);
    running.emplace(page_of("kafka_up 1\n"), web);
  }

  void write(const std::string& text) { web.config_file = folder.write("web.yml", text); }
  /// What the exporter does in two seconds.
  void check_twice() {
    running->server().check_files();
    running->server().check_files();
  }
  Response get(const std::string& headers = "", const std::string& path = "/metrics") const {
    return request(running->port(), "GET", path, headers);
  }

  const kafkascope::TemporaryFolder folder;
  config::Web web = web::listen_at("127.0.0.1:0");
  std::optional<TestServer> running;
};

/// Counts errors logged during its lifetime.
class Errors {
 public:
  Errors() { spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink_)); }
  ~Errors() { spdlog::set_default_logger(before_); }
  int count() const { return sink_->errors; }

 private:
  struct Sink : spdlog::sinks::base_sink<std::mutex> {
    void sink_it_(const spdlog::details::log_msg& message) override { errors += message.level == spdlog::level::err; }
    void flush_() override {}
    std::atomic<int> errors = 0;
  };
  const std::shared_ptr<Sink> sink_ = std::make_shared<Sink>();
  const std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
};

}  // namespace

TEST_CASE("With users every path requires a password, and says nothing without one") {
  Configured server(kAlice);
  const Response denied = server.get();
  const auto check_denied = [&](const Response& response) {
    CHECK(response.code == 401);
    CHECK(response.headers == denied.headers);
    CHECK(response.body == denied.body);
  };
  for (const char* path : {"/metrics", "/", "/healthz", "/-/ready", "/-/reload", "/no-such-page"}) {
    CAPTURE(path);
    check_denied(server.get("", path));
  }
  for (const char* headers :
       {"Authorization: Basic YWxpY2U6b3RoZXI=\r\n", "Authorization: Basic bm9ib2R5OnNlY3JldA==\r\n",
        "Authorization: Basic\r\n", "Authorization: Basic =\r\n", "Authorization: Bearer x\r\n",
        "Authorization: Basic YWxpY2U=\r\n",
        "Authorization: Basic YWxpY2U6c2VjcmV0\r\nAuthorization: Basic YWxpY2U6c2VjcmV0\r\n"}) {
    CAPTURE(headers);
    check_denied(server.get(headers));
  }
  CHECK(denied.headers.at("www-authenticate") == "Basic realm=\"restricted\", charset=\"UTF-8\"");
  CHECK(denied.headers.at("connection") == "close");
  CHECK(server.get(kSecret).body == "kafka_up 1\n");
  CHECK(server.get("authorization: basic  YWxpY2U6c2VjcmV0 \r\n").code == 200);
  CHECK(server.get(kSecret, "/no-such-page").code == 404);
  const auto counted = server.running->counted();
  CHECK(counted.at("other 401") == 14);
  CHECK(counted.at("/metrics 200") == 2);
}

TEST_CASE("Headers of the configuration are in every response") {
  Configured server(kAlice +
                    "http_server_config:\n  headers:\n    X-Frame-Options: deny\n    X-Content-Type-Options: nosniff\n"
                    "    Strict-Transport-Security: max-age=60\n");
  const Response invalid = [&] {
    Connection connection(server.running->port());
    connection.send("BREW / HTTP/1.1\r\n\r\n");
    std::string bytes = connection.read_to_end();
    CHECK(bytes.find("nosniff") == bytes.rfind("nosniff"));
    return web::parse(bytes);
  }();
  for (const Response& response : {server.get(), server.get(kSecret), server.get(kSecret, "/x"), invalid}) {
    CHECK(response.headers.at("x-frame-options") == "deny");
    CHECK(response.headers.at("strict-transport-security") == "max-age=60");
    CHECK(response.headers.at("x-content-type-options") == "nosniff");
  }
}

TEST_CASE("Requests above the rate limit are refused") {
  Configured server("rate_limit: {interval: 1h, burst: 2}\n");
  CHECK(server.get().code == 200);
  CHECK(server.get().code == 200);
  CHECK(server.get().code == 429);
  SECTION("a reload does not fill the bucket") {
    server.write("rate_limit: {interval: 1h, burst: 2}\nhttp_server_config: {headers: {X-XSS-Protection: 1}}\n");
    server.check_twice();
    CHECK(server.get().code == 429);
    CHECK(server.get().headers.at("x-xss-protection") == "1");
  }
  SECTION("a changed limit applies") {
    server.write("");
    server.write("rate_limit: {interval: 0}\n");
    server.check_twice();
    CHECK(server.get().code == 200);
  }
}

TEST_CASE("A token bucket fills with time") {
  web::RateLimiter limiter({std::chrono::seconds(1), 2});
  const auto start = web::RateLimiter::Clock::now();
  const auto at = [&](int ms) { return limiter.allow(start + std::chrono::milliseconds(ms)); };
  CHECK(at(0));
  CHECK(at(0));
  CHECK_FALSE(at(900));
  CHECK(at(1000));
  CHECK_FALSE(at(1500));
  CHECK(at(10'000));
  CHECK(at(10'000));
  CHECK_FALSE(at(10'000));
  web::RateLimiter none({std::chrono::seconds(1), 0});
  CHECK_FALSE(none.allow(start));
  CHECK_FALSE(none.allow(start + std::chrono::hours(1)));
}

TEST_CASE("A changed file is applied when it has not changed for a check") {
  Configured server(kAlice);
  CHECK(server.get(kSecret).code == 200);
  server.write("basic_auth_users:\n  alice: " + kOtherHash + "\n");
  server.running->server().check_files();
  CHECK(server.get(kSecret).code == 200);  // it may still be being written
  server.write("basic_auth_users:\n  alice:  " + kOtherHash + "\n");
  server.running->server().check_files();
  CHECK(server.get(kSecret).code == 200);
  server.running->server().check_files();
  CHECK(server.get(kSecret).code == 401);
  CHECK(server.get(kOther).code == 200);
}

TEST_CASE("An invalid file leaves the last valid one in force and is logged once") {
  const std::string bad = GENERATE(as<std::string>(), "basic_auth_users: {alice: x}\n", "x: y\n", "", "# nothing\n",
                                   "tls_server_config: {cert_file: none.pem, key_file: none.pem}\n");
  CAPTURE(bad);
  Configured server(kAlice);
  const Errors errors;
  server.check_twice();
  CHECK(server.running->server().last_reload_successful());
  server.write(bad);
  server.check_twice();
  CHECK_FALSE(server.running->server().last_reload_successful());
  for (int i = 0; i < 5; ++i) server.running->server().check_files();
  CHECK(errors.count() == 1);
  CHECK(server.get().code == 401);
  CHECK(server.get(kSecret).code == 200);
  server.write("basic_auth_users:\n  alice: " + kOtherHash + "\n");
  server.check_twice();
  CHECK(server.running->server().last_reload_successful());
  CHECK(server.get(kOther).code == 200);
  CHECK(errors.count() == 1);
}

TEST_CASE("A file that an invalid configuration names is awaited") {
  Configured server(kAlice);
  const Identity identity = make_identity("server");
  server.write("tls_server_config: {cert_file: new.pem, key_file: new.pem}\n" + kAlice);
  server.check_twice();
  server.check_twice();
  CHECK(server.get(kSecret).code == 200);
  server.folder.write("new.pem", identity.certificate_pem() + identity.key_pem());
  server.check_twice();
  CHECK(server.running->server().last_reload_successful());
  TlsClient client;
  CHECK_THAT(client.request(server.running->port(), kGetHealth), StartsWith("HTTP/1.1 401"));
}

TEST_CASE("When certificate and key are replaced one after the other, the old pair serves in between") {
  const Identity old = make_identity("old"), young = make_identity("young");
  kafkascope::TemporaryFolder folder;
  config::Web web = web::listen_at("127.0.0.1:0");
  folder.write("tls.crt", old.certificate_pem());
  folder.write("tls.key", old.key_pem());
  web.config_file = folder.write("web.yml", "tls_server_config: {cert_file: tls.crt, key_file: tls.key}\n");
  TestServer server(page_of("kafka_up 1\n"), web);
  const auto serves = [&](const Identity& identity) {
    TlsClient client;
    client.request(server.port(), kGetHealth);
    return X509_cmp(client.peer(), identity.certificate.get()) == 0;
  };
  CHECK(serves(old));
  folder.write("tls.crt", young.certificate_pem());
  server.server().check_files();
  server.server().check_files();
  CHECK(serves(old));
  CHECK_FALSE(server.server().last_reload_successful());
  folder.write("tls.key", young.key_pem());
  server.server().check_files();
  server.server().check_files();
  CHECK(serves(young));
  CHECK(server.server().last_reload_successful());
}

TEST_CASE("A Kubernetes volume is replaced by a symbolic link") {
  const Identity old = make_identity("old"), young = make_identity("young");
  const kafkascope::TemporaryFolder folder;
  namespace fs = std::filesystem;
  const auto publish = [&](const std::string& version, const Identity& identity) {
    fs::create_directory(folder.path() / version);
    std::ofstream(folder.path() / version / "tls.crt") << identity.certificate_pem();
    std::ofstream(folder.path() / version / "tls.key") << identity.key_pem();
    fs::create_directory_symlink(version, folder.path() / "..data_tmp");
    fs::rename(folder.path() / "..data_tmp", folder.path() / "..data");
  };
  publish("..1", old);
  for (const char* name : {"tls.crt", "tls.key"}) fs::create_symlink(fs::path("..data") / name, folder.path() / name);
  config::Web web = web::listen_at("127.0.0.1:0");
  web.config_file = folder.write("web.yml", "tls_server_config: {cert_file: tls.crt, key_file: tls.key}\n");
  TestServer server(page_of("kafka_up 1\n"), web);
  publish("..2", young);
  fs::remove_all(folder.path() / "..1");
  server.server().check_files();
  server.server().check_files();
  TlsClient client;
  CHECK_THAT(client.request(server.port(), kGetHealth), StartsWith("HTTP/1.1 200"));
  CHECK(X509_cmp(client.peer(), young.certificate.get()) == 0);
}

TEST_CASE("A connection that was opened under other rules is closed without a response") {
  Configured server("");
  Connection connection(server.running->port());
  const std::string get = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
  const auto read_response = [&] {
    std::string bytes;
    while (!bytes.ends_with("ok\n")) REQUIRE(connection.read_some(bytes));
    return web::parse(bytes);
  };
  connection.send(get);
  CHECK(read_response().headers.at("connection") == "keep-alive");
  // Other users do not concern open connections: each request is checked.
  server.write("rate_limit: {interval: 0}\n");
  server.check_twice();
  connection.send(get);
  CHECK(read_response().headers.at("connection") == "keep-alive");
  const Identity identity = make_identity("server");
  server.folder.write("s.pem", identity.certificate_pem() + identity.key_pem());
  server.write("tls_server_config: {cert_file: s.pem, key_file: s.pem}\n");
  server.check_twice();
  connection.send(get);
  CHECK(connection.read_to_end().empty());
}

TEST_CASE("Sessions are not resumed after the rules have changed") {
  const Identity authority = make_identity("authority"), other = make_identity("other");
  const Identity identity = make_identity("client", &authority), server_identity = make_identity("server");
  Configured server("");
  server.folder.write("s.pem", server_identity.certificate_pem() + server_identity.key_pem());
  server.folder.write("ca.pem", authority.certificate_pem());
  server.write(
      "tls_server_config: {cert_file: s.pem, key_file: s.pem, client_ca_file: ca.pem, "
      "client_auth_type: RequireAndVerifyClientCert}\n");
  server.check_twice();
  TlsClient client(&identity);
  CHECK_THAT(client.request(server.running->port(), kGetHealth), StartsWith("HTTP/1.1 200"));
  server.folder.write("ca.pem", other.certificate_pem());
  server.check_twice();
  CHECK_THROWS_AS(client.request(server.running->port(), kGetHealth, true), std::runtime_error);
}

TEST_CASE("Fifty rotations during scrapes: none fails, and none gets in without a password") {
  const std::vector<Identity> identities = [] {
    std::vector<Identity> result;
    for (int i = 0; i < 5; ++i) result.push_back(make_identity("server " + std::to_string(i)));
    return result;
  }();
  Configured server(kAlice);
  const auto rotate = [&](const Identity& identity) {
    server.folder.write("s.pem", identity.certificate_pem() + identity.key_pem());
    server.write("tls_server_config: {cert_file: s.pem, key_file: s.pem}\n" + kAlice);
    server.check_twice();
  };
  rotate(identities[0]);
  std::atomic<bool> stopping = false;
  std::atomic<int> served = 0, wrong = 0;
  const auto scrape = [&] {
    const std::string get = "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n";
    while (!stopping) {
      TlsClient client;
      try {
        wrong += !client.request(server.running->port(), get + kSecret + "\r\n").starts_with("HTTP/1.1 200");
        wrong += !client.request(server.running->port(), get + "\r\n").starts_with("HTTP/1.1 401");
        ++served;
      } catch (const std::runtime_error&) {
        ++wrong;
      }
    }
  };
  std::thread one(scrape), two(scrape);
  for (size_t i = 0; i < 50; ++i) {
    rotate(identities[i % identities.size()]);
    for (const int before = served; served < before + 2 && wrong == 0;) std::this_thread::yield();
  }
  stopping = true;
  one.join();
  two.join();
  CHECK(wrong == 0);
  CHECK(served >= 100);
  CHECK(server.running->server().last_reload_successful());
}
