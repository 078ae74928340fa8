#include "kafka/client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>
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

TEST_CASE("A property whose value librdkafka would change silently is an error, without the value") {
  struct Row {
    std::string name, value, error;
  };
  const std::string white_space =
      ": its value begins with white space, which librdkafka removes; use one that does not";
  const Row rows[] = {
      {"ssl.key.password", " hunter2", ""},
      {"sasl.password", " hunter2", ""},
      {"sasl.oauthbearer.scope", "\ta", white_space},
      {"socket.send.buffer.bytes", " 1000", white_space},
      {"socket.send.buffer.bytes", "1000kB", ": librdkafka reads its value as 1000; write a plain number"},
      {"socket.send.buffer.bytes", "01000", ": librdkafka reads its value as 512; write a plain number"},
      {"socket.send.buffer.bytes", "1000", ""},
      {"socket.keepalive.enable", "1", ""},
      {"ssl.key.password", "01000 ", ""},
  };
  for (const auto& [name, value, error] : rows) {
    kafkascope::config::Cluster cluster;
    cluster.properties.emplace(name, value);
    std::string what;
    try {
      kafkascope::kafka::check_properties(cluster);
    } catch (const kafkascope::kafka::Error& e) {
      what = e.what();
    }
    CHECK(what == (error.empty() ? "" : "kafka property " + name + error));
  }
}

TEST_CASE("A value that librdkafka looks at only when it makes a client is checked, too") {
  kafkascope::config::Cluster cluster;
  cluster.servers = {"localhost:1"};
  cluster.properties = {{"security.protocol", "ssl"}, {"ssl.cipher.suites", "NONE-SUCH"}};
  CHECK_THROWS_WITH(kafkascope::kafka::check_properties(cluster),
                    Catch::Matchers::ContainsSubstring("ssl.cipher.suites"));
}

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
