#pragma once

#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "web/client.h"

namespace kafkascope::web {

/// Clients that send `bytes`, then `trickle` again and again, and read nothing. A disconnected client connects again.
class Crowd {
 public:
  Crowd(int port, size_t clients, std::string bytes, std::string trickle)
      : port_(port), bytes_(std::move(bytes)), trickle_(std::move(trickle)) {
    rlimit files{};  // both ends of each connection are in this process
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    for (size_t i = 0; i < clients; ++i) clients_.push_back(connect());
    if (!trickle_.empty()) thread_ = std::thread([this] { run(); });
  }
  ~Crowd() {
    stopping_ = true;
    if (thread_.joinable()) thread_.join();
  }
  Crowd(const Crowd&) = delete;

 private:
  Connection connect() const {
    Connection client(port_, 4096);
    client.send(bytes_);
    return client;
  }

  void run() {
    try {
      while (!stopping_) {
        for (Connection& client : clients_) {
          if (client.send_if_possible(trickle_)) continue;
          client = connect();
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
      }
    } catch (const std::runtime_error&) {
      // The server has stopped.
    }
  }

  const int port_;
  const std::string bytes_, trickle_;
  std::vector<Connection> clients_;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace kafkascope::web
