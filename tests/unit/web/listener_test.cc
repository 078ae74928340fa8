#include "web/listener.h"

#include <sys/stat.h>
#include <sys/un.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_exception.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

#include "web/client.h"
#include "web/test_server.h"
#include "web/tls.h"

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::MessageMatches;
using namespace kafkascope;
using web::listen_at;
using web::page_of;
using web::request;
using web::TestServer;

namespace {

unsigned mode_of(const std::filesystem::path& path) {
  struct stat file {};
  REQUIRE(lstat(path.c_str(), &file) == 0);
  CHECK(S_ISSOCK(file.st_mode));
  return file.st_mode & 0777;
}

/// Connects to a Unix socket, sends a request and returns the response.
std::string request_on(const std::filesystem::path& path) {
  const web::Socket socket(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.string().copy(address.sun_path, sizeof(address.sun_path) - 1);
  REQUIRE(connect(socket.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  const std::string get = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  REQUIRE(send(socket.fd(), get.data(), get.size(), 0) == static_cast<ssize_t>(get.size()));
  std::string result;
  char buffer[4096];
  for (ssize_t size; (size = recv(socket.fd(), buffer, sizeof(buffer), 0)) > 0;)
    result.append(buffer, static_cast<size_t>(size));
  return result;
}

}  // namespace

TEST_CASE("A Unix socket has its mode, and is removed at the end") {
  const kafkascope::TemporaryFolder folder;
  const auto path = folder.path() / "page.sock";
  for (const auto& [query, mode] : {std::pair{"", 0660U}, {"?mode=0600", 0600U}, {"?mode=0777", 0777U}}) {
    CAPTURE(query);
    TestServer server(page_of("kafka_up 1\n"), listen_at("unix:" + path.string() + query));
    CHECK(server.port() == 0);
    CHECK(mode_of(path) == mode);
    CHECK_THAT(request_on(path), ContainsSubstring("200 OK") && ContainsSubstring("ok\n"));
    server.stop();
    CHECK_FALSE(std::filesystem::exists(path));
  }
}

TEST_CASE("A Unix socket that a process left behind is replaced, one in use or another file is not") {
  const kafkascope::TemporaryFolder folder;
  const auto path = folder.path() / "page.sock";
  const config::Web web = listen_at("unix:" + path.string());
  {
    const web::Socket left(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof(address.sun_path) - 1);
    REQUIRE(bind(left.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  }
  REQUIRE(std::filesystem::exists(path));
  TestServer server(page_of("kafka_up 1\n"), web);
  CHECK_THAT(request_on(path), ContainsSubstring("200 OK"));
  CHECK_THROWS_MATCHES(web::listen(web), std::runtime_error,
                       MessageMatches(ContainsSubstring("Address already in use")));
  CHECK_THAT(request_on(path), ContainsSubstring("200 OK"));
  server.stop();
  std::ofstream(path) << "precious";
  CHECK_THROWS_MATCHES(web::listen(web), std::runtime_error, MessageMatches(ContainsSubstring("not a socket")));
  CHECK(std::filesystem::file_size(path) == 8);
}

TEST_CASE("systemd's sockets are required if they are wanted") {
  config::Web web;
  web.systemd_socket = true;
  CHECK_THROWS_MATCHES(web::listen(web), std::runtime_error, MessageMatches(ContainsSubstring("start a socket unit")));
}

TEST_CASE("The listener of health checks serves nothing else and needs no password") {
  const auto page = page_of("kafka_up 1\n");
  const auto server = web::Server::for_health(
      "127.0.0.1:0", [&] { return page; }, [](std::string_view, int, double) {});
  const int port = server->ports().at(0);
  for (const char* path : {"/healthz", "/-/healthy", "/-/ready"}) CHECK(request(port, "GET", path).code == 200);
  for (const char* path : {"/", "/metrics", "/-/reload"}) CHECK(request(port, "GET", path).code == 404);
}
