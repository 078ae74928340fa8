#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace kafkascope::web {

/// A TCP connection to a local server that sends arbitrary bytes. Reads time out after 20 s.
class Connection {
 public:
  explicit Connection(int port, int receive_buffer_bytes = 0) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (receive_buffer_bytes > 0) {
      setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer_bytes, sizeof(receive_buffer_bytes));
    }
    const timeval patience{20, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
      close(fd_);
      throw std::runtime_error("cannot connect");
    }
  }
  Connection(Connection&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Connection& operator=(Connection&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Connection() {
    if (fd_ >= 0) close(fd_);
  }

  /// Returns false if the server has closed the connection.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }
  /// Does not block: bytes that do not fit into the send buffer are dropped.
  bool send_if_possible(std::string_view bytes) {
    return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT) >= 0 || errno == EAGAIN;
  }
  void end_sending() { shutdown(fd_, SHUT_WR); }

  /// Returns all bytes until the server closes the connection. Throws if it does not.
  std::string read_to_end() {
    std::string result;
    while (read_some(result)) continue;
    return result;
  }
  /// Appends available bytes. Returns false at the end.
  bool read_some(std::string& result) {
    char buffer[64 * 1024];
    const ssize_t received = recv(fd_, buffer, sizeof(buffer), 0);
    if (received < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) throw std::runtime_error("nothing came for 20 s");
    if (received <= 0) return false;
    result.append(buffer, static_cast<size_t>(received));
    return true;
  }
  int fd() const { return fd_; }

 private:
  int fd_;
};

struct Response {
  int code = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

/// Removes one response from the front of `bytes` and returns it. It must have a Content-Length unless it responds to
/// HEAD.
inline Response parse(std::string& bytes, bool has_body = true) {
  Response result;
  const size_t head = bytes.find("\r\n\r\n");
  if (head == bytes.npos || !bytes.starts_with("HTTP/1.1 ")) throw std::runtime_error("no response: " + bytes);
  result.code = std::stoi(bytes.substr(9, 3));
  size_t line = bytes.find("\r\n") + 2;
  while (line < head) {
    const size_t end = bytes.find("\r\n", line), colon = bytes.find(": ", line);
    std::string name = bytes.substr(line, colon - line);
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
    result.headers[name] = bytes.substr(colon + 2, end - colon - 2);
    line = end + 2;
  }
  bytes.erase(0, head + 4);
  if (has_body) {
    const size_t length = std::stoul(result.headers.at("content-length"));
    if (bytes.size() < length) throw std::runtime_error("the body is cut off");
    result.body = bytes.substr(0, length);
    bytes.erase(0, length);
  }
  return result;
}

/// Sends one request on a new connection. `headers`: complete lines.
inline Response request(int port, const std::string& method, const std::string& path, const std::string& headers = "") {
  Connection connection(port);
  connection.send(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + headers + "\r\n");
  std::string bytes = connection.read_to_end();
  const Response response = parse(bytes, method != "HEAD");
  if (!bytes.empty()) throw std::runtime_error("more than one response");
  return response;
}

}  // namespace kafkascope::web
