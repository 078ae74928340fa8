#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace kafkascope::zookeeper {

/// A server on 127.0.0.1 that answers four-letter words, each connection on a thread of its own, and counts them.
class FakeZooKeeper {
 public:
  /// Writes to the connection, which is closed afterwards. Must return when `ended` becomes true.
  using Handler = std::function<void(int fd, const std::string& word, const std::atomic<bool>& ended)>;

  explicit FakeZooKeeper(Handler handler) : handler_(std::move(handler)), listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0 || listen(listener_, 16) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      std::abort();
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { serve(); });
  }
  /// A server with these answers by word. Other words get none.
  explicit FakeZooKeeper(std::map<std::string, std::string> answers)
      : FakeZooKeeper([answers = std::move(answers)](int fd, const std::string& word, const auto&) {
          if (const auto found = answers.find(word); found != answers.end()) put(fd, found->second);
        }) {}
  ~FakeZooKeeper() {
    ended_ = true;
    shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (auto& connection : connections_) connection.join();
    close(listener_);
  }

  std::string address() const { return "127.0.0.1:" + std::to_string(port_); }

  /// Returns all words since the last call, in order, and forgets them.
  std::vector<std::string> take_words() {
    const std::lock_guard lock(mutex_);
    return std::exchange(words_, {});
  }

  /// Sends everything. Returns false if the client has closed the connection.
  static bool put(int fd, const std::string& text) {
    for (size_t sent = 0; sent < text.size();) {
      const ssize_t size = send(fd, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (size <= 0) return false;
      sent += static_cast<size_t>(size);
    }
    return true;
  }

 private:
  void serve() {
    for (int fd = accept(listener_, nullptr, nullptr); fd >= 0; fd = accept(listener_, nullptr, nullptr))
      connections_.emplace_back([this, fd] {
        std::string word(4, '\0');
        word.resize(std::max<ssize_t>(0, recv(fd, word.data(), word.size(), MSG_WAITALL)));
        {
          const std::lock_guard lock(mutex_);
          words_.push_back(word);
        }
        handler_(fd, word, ended_);
        close(fd);
      });
  }

  const Handler handler_;
  const int listener_;
  int port_ = 0;
  std::atomic<bool> ended_ = false;
  std::mutex mutex_;
  std::vector<std::string> words_;  // guarded by mutex_
  std::thread acceptor_;
  std::vector<std::thread> connections_;  // of acceptor_, until it has ended
};

inline const std::string kNotServing = "This ZooKeeper instance is not currently serving requests\n";

inline std::string not_whitelisted(const std::string& word) {
  return word + " is not executed because it is not in the whitelist.\n";
}

inline const std::string kMntr =
    "zk_version\t3.9.4-7246445ec281f3dbf53dc54e970c914f39713903, built on 2025-08-19 19:53 UTC\n"
    "zk_server_state\tleader\n"
    "zk_peer_state\tleading - broadcast\n"
    "zk_znode_count\t5\n"
    "zk_avg_latency\t0.25\n"
    "zk_learners\t2\n"
    "zk_synced_followers\t2\n"
    "zk_num_alive_connections\t3\n";

inline const std::string kSrvr =
    "Zookeeper version: 3.9.4-7246445ec281, built on 2025-08-19 19:53 UTC\n"
    "Latency min/avg/max: 0/0.5/12\nReceived: 11\nSent: 14\nConnections: 1\nOutstanding: 2\nZxid: 0x100000000\n"
    "Mode: follower\nNode count: 5\n";

}  // namespace kafkascope::zookeeper
