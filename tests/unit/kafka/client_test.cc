#include "kafka/client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "kafka/limits.h"
#include "kafka/mock_kafka.h"

using namespace kafkascope::kafka;

namespace {

/// This process's sockets that are connected to one of the servers.
std::vector<int> sockets_to(const std::vector<std::string>& servers) {
  std::vector<int> sockets;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    const int fd = std::stoi(entry.path().filename());
    sockaddr_in peer{};
    socklen_t size = sizeof(peer);
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0 || peer.sin_family != AF_INET) continue;
    for (const auto& server : servers)
      if (server.ends_with(":" + std::to_string(ntohs(peer.sin_port)))) sockets.push_back(fd);
  }
  return sockets;
}

int option(int socket, int level, int name) {
  int value = -1;
  socklen_t size = sizeof(value);
  CHECK(getsockopt(socket, level, name, &value, &size) == 0);
  return value;
}

}  // namespace

TEST_CASE("Idle connections are kept alive") {
  MockKafka kafka(1);
  const auto client = connected(kafka.config(), 1);
  RequestBatch requests = requests_to(*client);
  requests.negotiate_versions(1);
  requests.run();
  const auto sockets = sockets_to(kafka.config().servers);
  CHECK_FALSE(sockets.empty());
  for (const int socket : sockets) {
    CHECK(option(socket, SOL_SOCKET, SO_KEEPALIVE) == 1);
    CHECK(option(socket, IPPROTO_TCP, TCP_KEEPIDLE) == kKeepaliveIdle.count());
    CHECK(option(socket, IPPROTO_TCP, TCP_KEEPINTVL) == kKeepaliveInterval.count());
    CHECK(option(socket, IPPROTO_TCP, TCP_KEEPCNT) == kKeepaliveProbes);
  }
}
