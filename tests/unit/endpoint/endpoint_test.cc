#include "endpoint/endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <string>

namespace kafkascope::endpoint {
namespace {

constexpr std::chrono::milliseconds kTimeout{300};

/// A server that accepts connections and never answers.
class SilentServer {
 public:
  SilentServer() : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    REQUIRE(bind(fd_, any, sizeof(address)) == 0);
    REQUIRE(listen(fd_, 5) == 0);
    socklen_t size = sizeof(address);
    REQUIRE(getsockname(fd_, any, &size) == 0);
    address_ = "127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  }
  ~SilentServer() { close(fd_); }
  const std::string& address() const { return address_; }

 private:
  const int fd_;
  std::string address_;
};

config::Cluster with_tls() {
  config::Cluster cluster;
  cluster.properties["security.protocol"] = "sasl_ssl";
  return cluster;
}

TEST_CASE("A name that cannot be resolved") {
  const auto found = inspect("kafka.invalid:9092", "bootstrap", {}, kTimeout);
  CHECK(!found.resolve_error.empty());
  CHECK(found.ips.empty());
  CHECK(found.origin == "bootstrap");
}

TEST_CASE("A port that nothing listens on") {
  const auto found = inspect("127.0.0.1:1", "broker 1", with_tls(), kTimeout);
  CHECK(found.resolve_error.empty());
  CHECK(found.ips == std::vector<std::string>{"127.0.0.1"});
  CHECK(found.connect_error == "Connection refused");
  CHECK(!found.tls);
  CHECK(found.tls_error.empty());
}

TEST_CASE("A server that accepts connections, without TLS and with a handshake that it does not answer") {
  const SilentServer server;
  const auto plain = inspect(server.address(), "bootstrap", {}, kTimeout);
  CHECK(plain.connect_error.empty());
  CHECK(plain.tls_error.empty());
  const auto found = inspect(server.address(), "bootstrap", with_tls(), kTimeout);
  CHECK(found.connect_error.empty());
  CHECK(!found.tls);
  CHECK(found.tls_error == "the server closed the connection or did not answer");
}

}  // namespace
}  // namespace kafkascope::endpoint
