// Failing system calls and allocations: one client loses its connection, and the process continues.
#include <dlfcn.h>
#include <pthread.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <sys/epoll.h>

#include <atomic>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <cerrno>
#include <memory>
#include <mutex>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "web/client.h"
#include "web/server.h"
#include "web/test_server.h"
#include "web/tls.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using Catch::Matchers::StartsWith;
using namespace kafkascope;
using web::Connection;
using web::request;

namespace {

std::atomic<int> epoll_error = 0, thread_error = 0;  // errors of epoll_ctl(ADD) and pthread_create(), or 0
constexpr int kUnlimited = -1;
std::atomic<int> allocations_left = kUnlimited;  // in all threads except the test's own
thread_local bool has_memory = false;

template <class Function>
Function* next_definition(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

bool may_allocate() {
  if (has_memory) return true;
  int left = allocations_left;
  while (left > 0 && !allocations_left.compare_exchange_weak(left, left - 1)) continue;
  return left != 0;
}

}  // namespace

// These replace the functions of the C and C++ libraries.

extern "C" int epoll_ctl(int epoll, int operation, int fd, epoll_event* event) noexcept {
  static const auto next = next_definition<int(int, int, int, epoll_event*)>("epoll_ctl");
  if (operation != EPOLL_CTL_ADD || epoll_error == 0) return next(epoll, operation, fd, event);
  errno = epoll_error;
  return -1;
}

extern "C" int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*),
                              void* argument) noexcept {
  static const auto next = next_definition<decltype(pthread_create)>("pthread_create");
  return thread_error == 0 ? next(thread, attributes, run, argument) : thread_error.load();
}

void* operator new(size_t size) {
  static const auto next = next_definition<void*(size_t)>("_Znwm");
  if (!may_allocate()) throw std::bad_alloc();
  return next(size);
}

namespace {

/// Makes epoll_ctl() fail during its lifetime.
class EpollFails {
 public:
  explicit EpollFails(int error) { epoll_error = error; }
  ~EpollFails() { epoll_error = 0; }
};

/// Makes starting threads fail during its lifetime.
class ThreadsFail {
 public:
  ThreadsFail() { thread_error = EAGAIN; }
  ~ThreadsFail() { thread_error = 0; }
};

/// Limits other threads to `count` allocations during its lifetime.
class AllocationsFail {
 public:
  explicit AllocationsFail(int count) {
    has_memory = true;
    allocations_left = count;
  }
  ~AllocationsFail() { allocations_left = kUnlimited; }
};

/// Makes logging throw during its lifetime.
class LogFails {
 public:
  LogFails() {
    auto logger = std::make_shared<spdlog::logger>("test", std::make_shared<Sink>());
    logger->set_level(spdlog::level::debug);
    spdlog::set_default_logger(std::move(logger));
  }
  ~LogFails() { spdlog::set_default_logger(before_); }

 private:
  struct Sink : spdlog::sinks::base_sink<spdlog::details::null_mutex> {
    void sink_it_(const spdlog::details::log_msg&) override { throw 1; }
    void flush_() override {}
  };
  const std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
};

/// Counts warnings logged during its lifetime.
class Warnings {
 public:
  Warnings() { spdlog::set_default_logger(std::make_shared<spdlog::logger>("test", sink_)); }
  ~Warnings() { spdlog::set_default_logger(before_); }

  int count() const { return sink_->warnings; }

 private:
  struct Sink : spdlog::sinks::base_sink<std::mutex> {
    void sink_it_(const spdlog::details::log_msg& message) override {
      warnings += message.level == spdlog::level::warn;
    }
    void flush_() override {}
    std::atomic<int> warnings = 0;
  };
  const std::shared_ptr<Sink> sink_ = std::make_shared<Sink>();
  const std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
};

std::shared_ptr<const metrics::Page> empty_page() { return std::make_shared<const metrics::Page>(); }

void ignore(std::string_view, int, double) {}

std::unique_ptr<web::Server> serve(metrics::PageSource page = empty_page, web::CountRequest count = ignore,
                                   const std::string& certificate = "") {
  return std::make_unique<web::Server>(web::listen_at("127.0.0.1:0", certificate), std::move(page), std::move(count),
                                       web::Reload(), "1.2.3");
}

template <class Exception>
std::shared_ptr<const metrics::Page> no_page() {
  throw Exception();
}
template <>
std::shared_ptr<const metrics::Page> no_page<std::runtime_error>() {
  throw std::runtime_error("no page");
}

template <class Exception>
void count_nothing(std::string_view, int, double) {
  throw Exception();
}

}  // namespace

TEST_CASE("If epoll_ctl() fails, the connection is closed and the next ones are served") {
  const Warnings warnings;
  const auto server = serve();
  const int port = server->ports().at(0);
  {
    const EpollFails fails(GENERATE(ENOSPC, ENOMEM));
    for (int i = 0; i < 3; ++i) CHECK(Connection(port).read_to_end().empty());
  }
  CHECK(warnings.count() == 1);
  CHECK(request(port, "GET", "/healthz").body == "ok\n");
}

TEST_CASE("Without memory a connection is closed and the next ones are served") {
  const Warnings warnings;
  const auto server = serve();
  const int port = server->ports().at(0);
  {
    const AllocationsFail fail(GENERATE(0, 1));
    for (int i = 0; i < 3; ++i) CHECK(Connection(port).read_to_end().empty());
  }
  CHECK(warnings.count() == 1);
  CHECK(request(port, "GET", "/healthz").body == "ok\n");
}

TEST_CASE("Without a thread a connection is closed and the next ones are served") {
  const Warnings warnings;
  const auto server = serve();
  const int port = server->ports().at(0);
  {
    const ThreadsFail fail;
    for (int i = 0; i < 3; ++i) {
      Connection connection(port);
      connection.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
      CHECK(connection.read_to_end().empty());
    }
  }
  CHECK(warnings.count() == 1);
  CHECK(request(port, "GET", "/healthz").body == "ok\n");
}

TEST_CASE("If listening sockets cannot be polled, the start fails") {
  const EpollFails fails(ENOSPC);
  CHECK_THROWS_MATCHES(
      serve(), std::runtime_error,
      MessageMatches(StartsWith("cannot start the HTTP server: ") && ContainsSubstring("fs.epoll.max_user_watches")));
}

TEST_CASE("If a handler throws, the response is 500 and the next request succeeds") {
  const auto page = GENERATE(&no_page<std::runtime_error>, &no_page<std::bad_alloc>, &no_page<int>);
  const auto server = serve(page);
  const int port = server->ports().at(0);
  Connection connection(port);
  connection.send("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  std::string bytes = connection.read_to_end();
  const web::Response response = web::parse(bytes);
  CHECK(response.code == 500);
  CHECK(response.headers.at("connection") == "close");
  CHECK(response.body == "internal error, see the log\n");
  CHECK(request(port, "GET", "/healthz").body == "ok\n");
}

TEST_CASE("Without memory the response is 500 and the next request succeeds") {
  const auto server = serve();
  const int port = server->ports().at(0);
  Connection connection(port);
  connection.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
  std::string bytes;
  while (!bytes.ends_with("ok\n")) REQUIRE(connection.read_some(bytes));
  {
    const AllocationsFail fail(0);
    connection.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    bytes = connection.read_to_end();
  }
  CHECK(web::parse(bytes).code == 500);
  CHECK(request(port, "GET", "/healthz").body == "ok\n");
}

TEST_CASE("Requests that cannot be counted get a response") {
  const auto count = GENERATE(&count_nothing<std::bad_alloc>, &count_nothing<int>);
  const auto server = serve(empty_page, count);
  const int port = server->ports().at(0);
  CHECK(request(port, "GET", "/healthz").body == "ok\n");
  CHECK(request(port, "BREW", "/healthz").code == 400);  // CivetWeb refuses it by itself
  CHECK(request(port, "GET", "/healthz").body == "ok\n");
}

TEST_CASE("Failing to log a client's error does not affect others") {
  const web::TestCertificate certificate;
  const LogFails fails;
  const auto server = serve(no_page<std::runtime_error>, ignore, certificate.path());
  const int port = server->ports().at(0);
  Connection connection(port);
  connection.send("GET / HTTP/1.1\r\n\r\n");  // to a port that expects TLS
  connection.end_sending();
  CHECK_THAT(connection.read_to_end(), StartsWith("HTTP/1.1 400"));
  std::string bytes = web::over_tls(port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(web::parse(bytes).code == 500);
  bytes = web::over_tls(port, "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  CHECK(web::parse(bytes).body == "ok\n");
}
