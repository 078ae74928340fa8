// TLS of a running server.
#include "web/tls.h"

#include <sys/socket.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "web/client.h"
#include "web/crowd.h"
#include "web/test_server.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using namespace kafkascope;
using web::Clock;
using web::Connection;
using web::Crowd;
using web::Identity;
using web::kEndsWithin;
using web::kGetHealth;
using web::kPromptly;
using web::large_text;
using web::make_identity;
using web::page_of;
using web::seconds_since;
using web::TestServer;
using web::TlsClient;

namespace {

const std::string kOk = "HTTP/1.1 200";

/// A server with a web configuration: `tls` is added to tls_server_config, `rest` follows.
struct Configured {
  explicit Configured(const std::string& tls, const std::string& rest = "") {
    folder.write("server.pem", server.certificate_pem());
    folder.write("server.key", server.key_pem());
    folder.write("ca.pem", authority.certificate_pem());
    web.config_file =
        folder.write("web.yml", "tls_server_config:\n  cert_file: server.pem\n  key_file: server.key\n" + tls + rest);
    running = std::make_unique<TestServer>(page_of("kafka_up 1\n"), web);
  }

  int port() const { return running->port(); }
  std::string get(TlsClient& client) const { return client.request(port(), kGetHealth); }

  const Identity authority = make_identity("authority");
  const Identity server = make_identity("server", &authority, "DNS:localhost");
  const kafkascope::TemporaryFolder folder;
  config::Web web = web::listen_at("127.0.0.1:0");
  std::unique_ptr<TestServer> running;
};

/// Whether clients without, with a verified and with any other certificate get a response.
struct Accepts {
  bool none, verified, other;
  bool operator==(const Accepts&) const = default;
};

Accepts accepted_by(const Configured& server) {
  const Identity verified = make_identity("client", &server.authority);
  const Identity other = make_identity("client");
  const auto accepts = [&](const Identity* identity) {
    TlsClient client(identity);
    try {
      return server.get(client).starts_with(kOk);
    } catch (const std::runtime_error&) {
      return false;
    }
  };
  return {accepts(nullptr), accepts(&verified), accepts(&other)};
}

}  // namespace

TEST_CASE("HTTPS serves the page") {
  const web::TestCertificate certificate;
  const std::string text = large_text();
  TestServer server(page_of(text), web::listen_at("127.0.0.1:0", certificate.path()));
  for (int i = 0; i < 3; ++i) {
    std::string bytes = web::over_tls(server.port(), "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    CHECK(web::parse(bytes).body == text);
  }
}

TEST_CASE("HTTPS keeps connections alive, and reads requests in any number of records") {
  const Configured server("");
  const Connection connection(server.port());
  TlsClient client;
  const std::unique_ptr<SSL, web::Deleter<SSL_free>> tls(SSL_new(client.context()));
  SSL_set_fd(tls.get(), connection.fd());
  REQUIRE(SSL_connect(tls.get()) == 1);
  std::string bytes;
  const auto read_response = [&] {
    char buffer[4096];
    while (bytes.find("ok\n") == bytes.npos) {
      const int size = SSL_read(tls.get(), buffer, sizeof(buffer));
      REQUIRE(size > 0);
      bytes.append(buffer, static_cast<size_t>(size));
    }
    return web::parse(bytes);
  };
  for (const char c : std::string("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"))
    REQUIRE(SSL_write(tls.get(), &c, 1) == 1);
  CHECK(read_response().headers.at("connection") == "keep-alive");
  const std::string two = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
  REQUIRE(SSL_write(tls.get(), two.data(), static_cast<int>(two.size())) > 0);
  CHECK(read_response().code == 200);
  CHECK(read_response().code == 200);
}

TEST_CASE("HTTPS survives clients that do not use TLS") {
  const Configured server("");
  for (const std::string& bytes : {std::string(), std::string(300, '\x16'), std::string("\x16\x03\x01\x40\x00", 5)}) {
    Connection connection(server.port());
    connection.send(bytes);
    connection.end_sending();
    CHECK_THAT(connection.read_to_end(), !ContainsSubstring("HTTP"));
  }
  Connection connection(server.port());
  connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK_THAT(connection.read_to_end(), StartsWith("HTTP/1.1 400") && ContainsSubstring("to an HTTPS server"));
  TlsClient client;
  CHECK_THAT(server.get(client), StartsWith(kOk));
}

TEST_CASE("Slow handshakes delay neither other clients nor the shutdown") {
  // A valid hello: the server responds and waits.
  const std::string hello = [] {
    TlsClient client;
    const std::unique_ptr<SSL, web::Deleter<SSL_free>> tls(SSL_new(client.context()));
    BIO* written = BIO_new(BIO_s_mem());
    SSL_set_bio(tls.get(), BIO_new(BIO_s_mem()), written);
    SSL_connect(tls.get());
    char* text = nullptr;
    const auto size = static_cast<size_t>(BIO_get_mem_data(written, &text));
    return std::string(text, size);
  }();
  struct Case {
    const char* what;
    std::string bytes, trickle;
  };
  const auto test = GENERATE_COPY(Case{"nothing", "", ""}, Case{"half a hello, byte by byte", hello.substr(0, 60), "x"},
                                  Case{"a hello and nothing more", hello, ""});
  CAPTURE(test.what);
  Configured server("");
  const Crowd crowd(server.port(), 1000, test.bytes, test.trickle);
  for (int i = 0; i < 3; ++i) {
    TlsClient client;
    const auto start = Clock::now();
    CHECK_THAT(server.get(client), StartsWith(kOk));
    CHECK(seconds_since(start) < kPromptly);
  }
  const auto start = Clock::now();
  server.running.reset();
  CHECK(seconds_since(start) < kEndsWithin);
}

TEST_CASE("Each type of client authentication admits the right clients") {
  const std::string ca = "  client_ca_file: ca.pem\n  client_auth_type: ";
  const auto [type, expected] = GENERATE_COPY(table<std::string, Accepts>({
      {"", {true, true, true}},
      {"  client_auth_type: NoClientCert\n", {true, true, true}},
      {ca + "RequestClientCert\n", {true, true, true}},
      {ca + "RequireAnyClientCert\n", {false, true, true}},
      {ca + "VerifyClientCertIfGiven\n", {true, true, false}},
      {ca + "RequireAndVerifyClientCert\n", {false, true, false}},
      // Without a CA those of the system count, which know none of the certificates.
      {"  client_auth_type: RequireAndVerifyClientCert\n", {false, false, false}},
      {"  client_auth_type: VerifyClientCertIfGiven\n", {true, false, false}},
      {ca + "VerifyClientCertIfGiven\n  client_allowed_sans: [a]\n", {false, false, false}},
      {ca + "RequestClientCert\n  max_version: TLS12\n", {true, true, true}},
      {ca + "RequireAnyClientCert\n  max_version: TLS12\n", {false, true, true}},
      {ca + "VerifyClientCertIfGiven\n  max_version: TLS12\n", {true, true, false}},
      {ca + "RequireAndVerifyClientCert\n  max_version: TLS12\n", {false, true, false}},
  }));
  CAPTURE(type);
  CHECK(accepted_by(Configured(type)) == expected);
}

TEST_CASE("A client's own certificate can be trusted instead of its CA") {
  const Configured server("  client_ca_file: ca.pem\n  client_auth_type: RequireAndVerifyClientCert\n");
  const Identity pinned = make_identity("pinned", &server.authority), other = make_identity("other", &server.authority);
  server.folder.write("ca.pem", pinned.certificate_pem());
  server.running->server().reload_files();
  TlsClient right(&pinned), wrong(&other);
  CHECK_THAT(server.get(right), StartsWith(kOk));
  CHECK_THROWS_AS(server.get(wrong), std::runtime_error);
}

TEST_CASE("Only certificates with an allowed name are admitted") {
  const Configured server(
      "  client_ca_file: ca.pem\n  client_auth_type: RequireAndVerifyClientCert\n"
      "  client_allowed_sans: [prometheus.example.com, 10.1.2.3, '2001:db8::1', a@example.com, 'spiffe://a/b']\n");
  const auto accepts = [&](const std::string& names) {
    const Identity identity = make_identity("prometheus.example.com", &server.authority, names);
    TlsClient client(&identity);
    try {
      return server.get(client).starts_with(kOk);
    } catch (const std::runtime_error&) {
      return false;
    }
  };
  for (const char* names : {"DNS:prometheus.example.com", "DNS:other,DNS:prometheus.example.com", "IP:10.1.2.3",
                            "IP:2001:db8::1", "email:a@example.com", "URI:spiffe://a/b"}) {
    CAPTURE(names);
    CHECK(accepts(names));
  }
  for (const char* names : {"", "DNS:other", "DNS:prometheus.example.com.evil", "DNS:*.example.com", "IP:10.1.2.4",
                            "URI:prometheus.example.com/", "DNS:10.1.2.33"}) {
    CAPTURE(names);
    CHECK_FALSE(accepts(names));
  }
}

TEST_CASE("Versions, cipher suites and curves are those of the configuration") {
  struct Case {
    std::string config;
    int min, max;          // of the client
    const char* cipher;    // of the client up to TLS 1.2, or nullptr
    const char* groups;    // of the client, or nullptr
    std::string expected;  // "version cipher"; empty: no connection
  };
  const std::string ciphers =
      "  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384]\n";
  const char* reversed = "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-AES128-GCM-SHA256";
  const auto test = GENERATE_COPY(
      Case{"", TLS1_VERSION, TLS1_1_VERSION, nullptr, nullptr, ""},
      Case{"", TLS1_2_VERSION, TLS1_2_VERSION, reversed, nullptr, "TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384"},
      Case{"  min_version: TLS11\n", TLS1_1_VERSION, TLS1_1_VERSION, nullptr, nullptr,
           "TLSv1.1 ECDHE-ECDSA-AES256-SHA"},
      Case{"  min_version: TLS13\n", TLS1_2_VERSION, TLS1_2_VERSION, nullptr, nullptr, ""},
      Case{"  max_version: TLS12\n", TLS1_3_VERSION, TLS1_3_VERSION, nullptr, nullptr, ""},
      Case{ciphers, TLS1_2_VERSION, TLS1_2_VERSION, reversed, nullptr, "TLSv1.2 ECDHE-ECDSA-AES128-GCM-SHA256"},
      Case{ciphers + "  prefer_server_cipher_suites: false\n", TLS1_2_VERSION, TLS1_2_VERSION, reversed, nullptr,
           "TLSv1.2 ECDHE-ECDSA-AES256-GCM-SHA384"},
      Case{ciphers, TLS1_2_VERSION, TLS1_2_VERSION, "ECDHE-ECDSA-CHACHA20-POLY1305", nullptr, ""},
      Case{"  cipher_suites: [TLS_CHACHA20_POLY1305_SHA256]\nhttp_server_config: {http2: false}\n", TLS1_2_VERSION,
           TLS1_3_VERSION, nullptr, nullptr, "TLSv1.3 TLS_CHACHA20_POLY1305_SHA256"},
      Case{"  cipher_suites: [TLS_CHACHA20_POLY1305_SHA256]\nhttp_server_config: {http2: false}\n", TLS1_2_VERSION,
           TLS1_2_VERSION, nullptr, nullptr, ""},
      Case{"  curve_preferences: [CurveP521]\n", TLS1_3_VERSION, TLS1_3_VERSION, nullptr, "P-521",
           "TLSv1.3 TLS_AES_256_GCM_SHA384"},
      Case{"  curve_preferences: [CurveP521]\n", TLS1_3_VERSION, TLS1_3_VERSION, nullptr, "P-384", ""});
  CAPTURE(test.config, test.min, test.max, test.cipher ? test.cipher : "");
  const Configured server(test.config);
  TlsClient client;
  SSL_CTX_set_security_level(client.context(), 0);
  SSL_CTX_set_min_proto_version(client.context(), test.min);
  SSL_CTX_set_max_proto_version(client.context(), test.max);
  if (test.cipher) SSL_CTX_set_cipher_list(client.context(), test.cipher);
  if (test.groups) SSL_CTX_set1_groups_list(client.context(), test.groups);
  if (test.expected.empty()) {
    CHECK_THROWS_AS(server.get(client), std::runtime_error);
  } else {
    CHECK_THAT(server.get(client), StartsWith(kOk));
    CHECK(client.version() + " " + client.cipher() == test.expected);
  }
}

TEST_CASE("Sessions are resumed, also with client certificates") {
  const std::string versions = GENERATE("", "  max_version: TLS12\n");
  const Configured server("  client_ca_file: ca.pem\n  client_auth_type: RequireAndVerifyClientCert\n" + versions);
  const Identity identity = make_identity("client", &server.authority);
  TlsClient client(&identity);
  CHECK_THAT(server.get(client), StartsWith(kOk));
  CHECK_FALSE(client.resumed());
  CHECK_THAT(client.request(server.port(), kGetHealth, true), StartsWith(kOk));
  CHECK(client.resumed());
}

TEST_CASE("A chain of certificates is sent") {
  const Configured server("");
  const Identity intermediate = make_identity("intermediate");
  server.folder.write("server.pem", server.server.certificate_pem() + intermediate.certificate_pem());
  server.running->server().reload_files();
  TlsClient client;
  const Connection connection(server.port());
  const std::unique_ptr<SSL, web::Deleter<SSL_free>> tls(SSL_new(client.context()));
  SSL_set_fd(tls.get(), connection.fd());
  REQUIRE(SSL_connect(tls.get()) == 1);
  CHECK(sk_X509_num(SSL_get_peer_cert_chain(tls.get())) == 2);
}

TEST_CASE("Clients cannot renegotiate") {
  const Configured server("  max_version: TLS12\n");
  TlsClient client;
  const Connection connection(server.port());
  const std::unique_ptr<SSL, web::Deleter<SSL_free>> tls(SSL_new(client.context()));
  SSL_set_fd(tls.get(), connection.fd());
  REQUIRE(SSL_connect(tls.get()) == 1);
  SSL_renegotiate(tls.get());
  CHECK(SSL_do_handshake(tls.get()) != 1);
  CHECK_THAT(server.get(client), StartsWith(kOk));
}
