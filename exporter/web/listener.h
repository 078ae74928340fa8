#pragma once

#include <string>
#include <utility>
#include <vector>

#include "config/config.h"
#include "web/socket.h"

namespace kafkascope::web {

/// A socket that listens. Removes the file of a Unix socket when it is closed.
class ListeningSocket {
 public:
  explicit ListeningSocket(Socket socket, std::string unix_path = "")
      : socket_(std::move(socket)), unix_path_(std::move(unix_path)) {}
  ListeningSocket(ListeningSocket&& other) noexcept
      : socket_(std::move(other.socket_)), unix_path_(std::exchange(other.unix_path_, "")) {}
  ListeningSocket& operator=(ListeningSocket&& other) noexcept {
    std::swap(socket_, other.socket_);
    std::swap(unix_path_, other.unix_path_);
    return *this;
  }
  ~ListeningSocket();

  int fd() const { return socket_.fd(); }
  /// Returns the port; 0 for a Unix socket.
  int port() const;

 private:
  Socket socket_;
  std::string unix_path_;  // empty: none to remove
};

/// Listens on every address, or takes the sockets that systemd passed. Throws std::runtime_error, which contains what
/// to do.
std::vector<ListeningSocket> listen(const config::Web& web);

}  // namespace kafkascope::web
