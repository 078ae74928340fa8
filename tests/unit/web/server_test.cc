#include "web/server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <zlib.h>

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "web/client.h"
#include "web/tls.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Catch::Matchers::StartsWith;
using namespace kafkascope;
using web::Connection;
using web::request;
using web::Response;

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr double kSlower = 5;
#else
constexpr double kSlower = 1;
#endif
// A scraper has 10 s by default. Here a good one must have its page in half of it, on a loaded machine too.
constexpr double kPromptly = 5 * kSlower;
constexpr double kEndsWithin = 4 * kSlower;  // promised: 2

std::string gzip(const std::string& text) {
  std::string result(compressBound(text.size()) + 64, '\0');
  z_stream stream{};
  REQUIRE(deflateInit2(&stream, 1, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(result.data());
  stream.avail_out = static_cast<uInt>(result.size());
  REQUIRE(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  result.resize(stream.total_out);
  deflateEnd(&stream);
  return result;
}

model::ClusterStatus polled() {
  model::ClusterStatus result;
  result.servers = "kafka:9092";
  result.polled = true;
  return result;
}

std::shared_ptr<const metrics::Page> page_of(const std::string& text, model::ClusterStatus status = polled()) {
  return std::make_shared<const metrics::Page>(gzip(text), text.size(), 1,
                                               std::vector<model::ClusterStatus>{std::move(status)});
}

// Hard to compress, so that its gzip does not fit into the sockets' buffers either.
std::string large_text() {
  std::string text;
  text.reserve(12'000'000);
  uint64_t state = 1;
  while (text.size() < 12'000'000) {
    state = state * 6364136223846793005 + 1442695040888963407;
    text +=
        "kafka_consumergroup_lag{partition=\"" + std::to_string(state >> 20) + "\"} " + std::to_string(state) + "\n";
  }
  return text;
}

/// A server on a free port with a page that can be replaced, and what it counted.
class TestServer {
 public:
  explicit TestServer(std::shared_ptr<const metrics::Page> page, web::Listener listener = {"127.0.0.1:0", ""},
                      const std::string& telemetry_path = "/metrics")
      : page_(std::move(page)) {
    server_.emplace(
        std::vector<web::Listener>{std::move(listener)}, telemetry_path, [this] { return page_; },
        [this](std::string_view handler, int code, double seconds) {
          const std::lock_guard lock(mutex_);
          ++counted_[std::string(handler) + " " + std::to_string(code)];
          if (seconds < 0) ++counted_["negative"];
        },
        "1.2.3");
  }

  int port() const { return server_->ports().at(0); }
  /// Ends the server, so that all is counted.
  std::map<std::string, int> counted() {
    server_.reset();
    return counted_;
  }
  int count_of(const std::string& what) {
    const std::lock_guard lock(mutex_);
    const auto found = counted_.find(what);
    return found == counted_.end() ? 0 : found->second;
  }
  void stop() { server_.reset(); }

 private:
  std::mutex mutex_;
  std::map<std::string, int> counted_;
  std::shared_ptr<const metrics::Page> page_;
  std::optional<web::Server> server_;
};

std::string gunzip(const std::string& body) {
  std::string text;
  CHECK(metrics::Page(body, 0, 0, {}).inflate([&](std::string_view piece) {
    text += piece;
    return true;
  }));
  return text;
}

/// Clients that send `bytes` and then, again and again, `trickle`, and read nothing. Who is sent away comes back.
class Crowd {
 public:
  Crowd(int port, size_t clients, std::string bytes, std::string trickle)
      : port_(port), bytes_(std::move(bytes)), trickle_(std::move(trickle)) {
    rlimit files{};  // both ends of each connection are ours
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    for (size_t i = 0; i < clients; ++i) clients_.push_back(come());
    if (!trickle_.empty()) thread_ = std::thread([this] { run(); });
  }
  ~Crowd() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }
  Crowd(const Crowd&) = delete;

 private:
  Connection come() const {
    Connection client(port_, 4096);
    client.send(bytes_);
    return client;
  }

  void run() {
    try {
      while (!stopping_) {
        for (Connection& client : clients_) {
          if (client.send_if_possible(trickle_)) continue;
          client = come();
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
      }
    } catch (const std::runtime_error&) {
      // The server has ended.
    }
  }

  const int port_;
  const std::string bytes_, trickle_;
  std::vector<Connection> clients_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace

TEST_CASE("The page is served compressed to those who take it, and as text to the others") {
  const std::string text = GENERATE(std::string("kafka_up 1\n"), large_text());
  TestServer server(page_of(text));

  const Response compressed = request(server.port(), "GET", "/metrics", "Accept-Encoding: gzip\r\n");
  CHECK(compressed.code == 200);
  CHECK(compressed.headers.at("content-type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(compressed.headers.at("content-encoding") == "gzip");
  CHECK(compressed.headers.at("vary") == "Accept-Encoding");
  CHECK(compressed.headers.at("x-content-type-options") == "nosniff");
  CHECK(gunzip(compressed.body) == text);

  for (const char* header :
       {"", "Accept-Encoding: gzip;q=0\r\n", "Accept-Encoding: br\r\nAccept-Encoding: identity\r\n"}) {
    const Response plain = request(server.port(), "GET", "/metrics", header);
    CHECK(plain.code == 200);
    CHECK(plain.headers.at("content-type") == "text/plain; version=0.0.4; charset=utf-8");
    CHECK_FALSE(plain.headers.contains("content-encoding"));
    CHECK(plain.headers.at("vary") == "Accept-Encoding");
    CHECK(plain.body == text);
  }
  const Response second_header =
      request(server.port(), "GET", "/metrics", "Accept-Encoding: br\r\nAccept-Encoding: gzip\r\n");
  CHECK(second_header.headers.contains("content-encoding"));
}

TEST_CASE("Every route answers GET and HEAD, and HEAD has no body") {
  TestServer server(page_of("kafka_up 1\n"));
  const char* path = GENERATE("/metrics", "/", "/healthz", "/-/healthy", "/-/ready", "/metrics?a=b");
  const Response get = request(server.port(), "GET", path);
  CHECK(get.code == 200);
  CHECK_FALSE(get.body.empty());
  CHECK(get.headers.at("connection") == "close");
  const Response head = request(server.port(), "HEAD", path);
  CHECK(head.code == 200);
  CHECK(head.headers.at("content-length") == get.headers.at("content-length"));
  CHECK(head.headers.at("content-type") == get.headers.at("content-type"));
}

TEST_CASE("The telemetry path can be chosen") {
  TestServer server(page_of("kafka_up 1\n"), {"127.0.0.1:0", ""}, "/kafka/metrics");
  CHECK(request(server.port(), "GET", "/kafka/metrics").body == "kafka_up 1\n");
  CHECK(request(server.port(), "GET", "/metrics").code == 404);
  CHECK_THAT(request(server.port(), "GET", "/").body, ContainsSubstring("href=\"/kafka/metrics\""));
}

TEST_CASE("Readiness follows the first poll, health does not") {
  TestServer server(page_of("kafka_up 0\n", model::ClusterStatus{}));
  CHECK(request(server.port(), "GET", "/-/ready").code == 503);
  CHECK_THAT(request(server.port(), "GET", "/-/ready").body, ContainsSubstring("first poll"));
  CHECK(request(server.port(), "GET", "/healthz").code == 200);
  CHECK(request(server.port(), "GET", "/metrics").code == 200);
}

TEST_CASE("An unknown path is told which ones there are") {
  TestServer server(page_of("kafka_up 1\n"));
  const char* path = GENERATE("/nothing", "/metrics/", "/metricsx", "/../../etc/passwd", "/metrics%00", "/-/reload");
  const Response response = request(server.port(), "GET", path);
  CHECK(response.code == 404);
  CHECK(response.headers.at("content-type") == "text/plain; charset=utf-8");
  CHECK_THAT(response.body, ContainsSubstring("/metrics\n") && ContainsSubstring("/-/ready\n"));
}

TEST_CASE("A wrong method is refused") {
  TestServer server(page_of("kafka_up 1\n"));
  const char* method = GENERATE("POST", "PUT", "DELETE", "OPTIONS", "PATCH");
  const Response response = request(server.port(), method, "/metrics");
  CHECK(response.code == 405);
  CHECK(response.headers.at("allow") == "GET, HEAD");
}

TEST_CASE("Requests are counted under a few fixed names") {
  TestServer server(page_of("kafka_up 1\n"));
  request(server.port(), "GET", "/metrics");
  request(server.port(), "GET", "/metrics");
  request(server.port(), "POST", "/metrics");
  request(server.port(), "GET", "/-/ready");
  request(server.port(), "GET", "/a");
  request(server.port(), "GET", "/b");
  CHECK(server.counted() ==
        std::map<std::string, int>{{"/metrics 200", 2}, {"/metrics 405", 1}, {"/-/ready 200", 1}, {"other 404", 2}});
}

TEST_CASE("A connection can be kept, and requests be sent ahead of their answers") {
  TestServer server(page_of("kafka_up 1\n"));
  Connection connection(server.port());
  connection.send(
      "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
      "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
      "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  std::string bytes = connection.read_to_end();
  const Response first = web::parse(bytes);
  CHECK(first.body == "kafka_up 1\n");
  CHECK(first.headers.at("connection") == "keep-alive");
  CHECK(web::parse(bytes).body == "ok\n");
  CHECK(web::parse(bytes).headers.at("connection") == "close");
  CHECK(bytes.empty());
}

/// Whether a connection that this process has accepted at the port sends what it has at once; none: it has none.
std::optional<bool> sends_at_once(int port) {
  for (int fd = 0; fd < 1024; ++fd) {
    sockaddr_in ours{}, theirs{};
    socklen_t length = sizeof(ours);
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&ours), &length) != 0 || ntohs(ours.sin_port) != port) continue;
    length = sizeof(theirs);
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&theirs), &length) != 0) continue;
    int value = 0;
    length = sizeof(value);
    if (getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &length) == 0) return value != 0;
  }
  return std::nullopt;
}

TEST_CASE("The end of an answer does not wait until the client has acknowledged its beginning") {
  TestServer server(page_of("kafka_up 1\n"));
  Connection connection(server.port());
  connection.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  const auto end = Clock::now() + std::chrono::seconds(10);
  while (server.count_of("/healthz 200") == 0 && Clock::now() < end) std::this_thread::yield();
  CHECK(sends_at_once(server.port()) == true);
}

TEST_CASE("A connection is kept only where both sides can") {
  TestServer server(page_of("kafka_up 1\n"));
  const auto connection_header = [&](const std::string& head) {
    Connection connection(server.port());
    connection.send(head + "\r\n");
    connection.end_sending();
    std::string bytes = connection.read_to_end();
    return web::parse(bytes).headers.at("connection");
  };
  CHECK(connection_header("GET /healthz HTTP/1.1\r\nHost: x\r\n") == "keep-alive");
  CHECK(connection_header("GET /healthz HTTP/1.0\r\n") == "close");
  CHECK(connection_header("GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\n") == "keep-alive");
  CHECK(connection_header("GET /healthz HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n") == "close");
  CHECK(connection_header("GET /healthz HTTP/1.1\r\nContent-Length: 5\r\n") == "close");
  CHECK(connection_header("GET /healthz HTTP/1.1\r\nTransfer-Encoding: chunked\r\n") == "close");
}

TEST_CASE("Hostile requests are refused, and the server lives on") {
  struct Case {
    const char* what;
    std::string bytes;
    std::string answer;  // how it starts; empty: the connection is closed
  };
  using namespace std::string_literals;
  static const std::vector<Case> kCases{
      {"nothing", "", ""},
      {"garbage", "\x01\x02\x03\xff\xfe", "HTTP/1.1 400"},
      {"text", "hello\r\n\r\n", "HTTP/1.1 400"},
      {"a TLS hello to a plain port", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"s, "HTTP/1.1 400"},
      {"an HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1"},
      {"no line end", "GET /metrics HTTP/1.1", ""},
      {"no empty line", "GET /metrics HTTP/1.1\r\nHost: x\r\n", ""},
      {"no carriage returns", "GET /healthz HTTP/1.1\nHost: x\nConnection: close\n\n", "HTTP/1.1 200"},
      {"a NUL", "GET /metrics\0 HTTP/1.1\r\n\r\n"s, "HTTP/1.1 400"},
      {"a NUL in a header", "GET /metrics HTTP/1.1\r\nHost: a\0b\r\n\r\n"s, "HTTP/1.1 400"},
      {"a huge header", "GET /metrics HTTP/1.1\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n", "HTTP/1.1 400"},
      {"a huge path", "GET /" + std::string(100'000, 'x'), "HTTP/1.1 400"},
      {"too many headers",
       [] {
         std::string lines = "GET /metrics HTTP/1.1\r\n";
         for (int i = 0; i < 1000; ++i) lines += "A: b\r\n";
         return lines + "\r\n";
       }(),
       "HTTP/1.1 200"},
      {"a negative length", "POST /metrics HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 411"},
      {"a length that is no number", "POST /metrics HTTP/1.1\r\nContent-Length: x\r\n\r\n", "HTTP/1.1 411"},
      {"a length without a body", "POST /metrics HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", "HTTP/1.1 405"},
      {"a chunked body", "POST /metrics HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nffffffff\r\nx", "HTTP/1.1 405"},
      {"an unknown transfer encoding", "GET /metrics HTTP/1.1\r\nTransfer-Encoding: x\r\n\r\n", "HTTP/1.1 400"},
      {"a body that waits", "PUT /metrics HTTP/1.1\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
       "HTTP/1.1 405"},
      {"a proxy request", "GET http://example.com/metrics HTTP/1.1\r\nHost: example.com\r\n\r\n", ""},
      {"a tunnel", "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n", "HTTP/1.1 4"},
      {"an asterisk", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", ""},
      {"dots", "GET /../../../../etc/passwd HTTP/1.1\r\nConnection: close\r\n\r\n", "HTTP/1.1 404"},
      {"encoded dots", "GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nConnection: close\r\n\r\n", "HTTP/1.1 404"},
      {"no path", "GET HTTP/1.1\r\n\r\n", "HTTP/1.1 400"},
      {"a relative path", "GET metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 400"},
      {"an unknown method", "BREW /metrics HTTP/1.1\r\n\r\n", "HTTP/1.1 400"},
      {"an unknown version", "GET /metrics HTTP/9.9\r\n\r\n", "HTTP/1.1 505"},
  };
  // Kept for all: whatever a request does, it must not matter to the next one.
  TestServer server(page_of("kafka_up 1\n"));
  for (const Case& test : kCases) {
    CAPTURE(test.what);
    Connection connection(server.port());
    connection.send(test.bytes);
    connection.end_sending();
    if (test.answer.empty()) {
      CHECK(connection.read_to_end().empty());
    } else {
      CHECK_THAT(connection.read_to_end(), StartsWith(test.answer));
    }
    CHECK(request(server.port(), "GET", "/metrics").body == "kafka_up 1\n");
  }
}

TEST_CASE("An absolute URI of ours is ours") {
  TestServer server(page_of("kafka_up 1\n"));
  const std::string authority = "127.0.0.1:" + std::to_string(server.port());
  CHECK(request(server.port(), "GET", "http://" + authority + "/metrics").body == "kafka_up 1\n");
}

TEST_CASE("Fifty scrapers at a time get the whole page") {
  const std::string text = large_text();
  const auto page = page_of(text);
  TestServer server(page);
  std::atomic<int> whole = 0;
  std::vector<std::thread> scrapers;
  for (int i = 0; i < 50; ++i) {
    scrapers.emplace_back([&] {
      for (int round = 0; round < 2; ++round) {
        whole += request(server.port(), "GET", "/metrics", "Accept-Encoding: gzip\r\n").body == page->gzip();
      }
    });
  }
  for (std::thread& scraper : scrapers) scraper.join();
  CHECK(whole == 100);
}

TEST_CASE("Slow clients keep nobody waiting, nor the end of the program") {
  struct Case {
    const char* what;
    size_t clients;
    std::string bytes;
    std::string trickle;
  };
  const std::string get = "GET /metrics HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n";
  const auto test =
      GENERATE_COPY(Case{"a thousand that say nothing", 1000, "", ""},
                    Case{"a thousand that never end their request", 1000, get + "X: ", "x"},
                    Case{"200 that do not read their answer", 200, get + "\r\n", ""},
                    Case{"200 that keep their connection and ask for more and more", 200, get + "\r\n", get + "\r\n"},
                    Case{"200 that announce a body and hardly send it", 200,
                         "POST / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n", "x"});
  CAPTURE(test.what);
  const auto page = page_of(large_text());
  TestServer server(page);
  const Crowd crowd(server.port(), test.clients, test.bytes, test.trickle);
  for (int i = 0; i < 3; ++i) {
    const auto start = Clock::now();
    CHECK(request(server.port(), "GET", "/metrics", "Accept-Encoding: gzip\r\n").body == page->gzip());
    CHECK(seconds_since(start) < kPromptly);
  }
  const auto start = Clock::now();
  server.stop();
  CHECK(seconds_since(start) < kEndsWithin);
}

TEST_CASE("A client that never reads its answer is cut off") {
  const auto page = page_of(large_text());
  TestServer server(page);
  Connection connection(server.port(), 4096);
  connection.send("GET /metrics HTTP/1.1\r\nHost: x\r\nAccept-Encoding: gzip\r\n\r\n");
  std::string received;
  while (server.count_of("/metrics 200") == 0) std::this_thread::yield();
  while (connection.read_some(received)) continue;
  CHECK(received.size() < page->gzip().size());
}

TEST_CASE("A client that says nothing is sent away") {
  TestServer server(page_of("kafka_up 1\n"));
  CHECK(Connection(server.port()).read_to_end().empty());
}

TEST_CASE("A server ends at once without clients, and its port is free again") {
  std::optional<TestServer> server(page_of("kafka_up 1\n"));
  const std::string address = "127.0.0.1:" + std::to_string(server->port());
  CHECK(request(server->port(), "GET", "/healthz").code == 200);
  const auto start = Clock::now();
  server.reset();
  CHECK(seconds_since(start) < kEndsWithin);
  TestServer next(page_of("kafka_up 1\n"), {address, ""});
  CHECK(request(next.port(), "GET", "/healthz").code == 200);
}

TEST_CASE("Several addresses, each with its port") {
  config::Web web;
  web.listen_addresses = {"127.0.0.1:0", ":0", "localhost:0"};
  const auto page = page_of("kafka_up 1\n");
  web::Server server(
      web, [&] { return page; }, [](std::string_view, int, double) {}, "1.2.3");
  REQUIRE(server.ports().size() == 3);
  for (const int port : server.ports()) CHECK(request(port, "GET", "/metrics").body == "kafka_up 1\n");
}

TEST_CASE("An address that cannot be listened on is an error that says why") {
  const auto page = page_of("kafka_up 1\n");
  const auto listen = [&](const std::string& address) {
    web::Server(
        {{address, ""}}, "/metrics", [&] { return page; }, [](std::string_view, int, double) {}, "1.2.3");
  };
  TestServer first(page);
  const std::string port = std::to_string(first.port());
  CHECK_THROWS_MATCHES(listen("127.0.0.1:" + port), std::runtime_error,
                       MessageMatches(StartsWith("cannot listen on 127.0.0.1:" + port + ": Address already in use (")));
  CHECK_THROWS_MATCHES(listen(":" + port), std::runtime_error,
                       MessageMatches(StartsWith("cannot listen on :" + port + ": Address already in use (")));
  CHECK_THROWS_MATCHES(listen("192.0.2.1:0"), std::runtime_error,
                       MessageMatches(StartsWith("cannot listen on 192.0.2.1:0: Cannot assign requested address (")));
  for (const char* address :
       {"", ":", "x", "127.0.0.1", ":70000", "127.0.0.1:1,127.0.0.1:2", "no.such.host.invalid:1"}) {
    CAPTURE(address);
    CHECK_THROWS_MATCHES(listen(address), std::runtime_error, MessageMatches(StartsWith("cannot listen on ")));
  }
}

TEST_CASE("HTTPS") {
  const web::TestCertificate certificate;
  const std::string text = large_text();
  TestServer server(page_of(text), {"127.0.0.1:0", certificate.path()});

  SECTION("serves the page") {
    for (int i = 0; i < 3; ++i) {
      std::string bytes = web::over_tls(server.port(), "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      CHECK(web::parse(bytes).body == text);
    }
  }
  SECTION("outlives clients that do not speak it") {
    for (const std::string& bytes : {std::string(), std::string("GET / HTTP/1.1\r\n\r\n"), std::string(300, '\x16')}) {
      Connection connection(server.port());
      connection.send(bytes);
      connection.end_sending();
      CHECK_THAT(connection.read_to_end(), !ContainsSubstring("HTTP"));
    }
    std::string bytes = web::over_tls(server.port(), "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    CHECK(web::parse(bytes).body == "ok\n");
  }
  SECTION("outlives a thousand that say nothing") {
    const Crowd crowd(server.port(), 1000, "", "");
    const auto start = Clock::now();
    std::string bytes = web::over_tls(server.port(), "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    CHECK(web::parse(bytes).body == "ok\n");
    CHECK(seconds_since(start) < kPromptly);
  }
}
