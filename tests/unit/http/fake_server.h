#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace kafkascope::http {

/// An HTTP server on 127.0.0.1 that responds to one request per connection, on its own thread, and records them.
class FakeServer {
 public:
  struct Asked {
    std::string line;                            ///< "METHOD PATH"
    std::map<std::string, std::string> headers;  ///< Names in lower case.
    std::string body;
  };
  struct Answer {
    int status = 200;
    std::string body;
    bool never = false;  ///< Keeps the connection open without a response.
  };
  using Handler = std::function<Answer(const Asked&)>;

  explicit FakeServer(Handler handler) : handler_(std::move(handler)), listener_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), size) != 0 || listen(listener_, 16) != 0 ||
        getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
      std::abort();
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~FakeServer() {
    shutdown(listener_, SHUT_RDWR);
    thread_.join();
    close(listener_);
    for (const int fd : held_) close(fd);
  }
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

  std::vector<Asked> asked() const {
    const std::lock_guard lock(mutex_);
    return asked_;
  }

 private:
  void serve() {
    for (int fd = accept(listener_, nullptr, nullptr); fd >= 0; fd = accept(listener_, nullptr, nullptr)) {
      const Asked request = read(fd);
      {
        const std::lock_guard lock(mutex_);
        asked_.push_back(request);
      }
      const Answer answer = handler_(request);
      if (answer.never) {
        held_.push_back(fd);
        continue;
      }
      const std::string text = "HTTP/1.1 " + std::to_string(answer.status) +
                               " Status\r\nConnection: close\r\nContent-Length: " + std::to_string(answer.body.size()) +
                               "\r\n\r\n" + answer.body;
      for (size_t sent = 0; sent < text.size();) {
        const ssize_t size = send(fd, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
        if (size <= 0) break;
        sent += static_cast<size_t>(size);
      }
      close(fd);
    }
  }

  static Asked read(int fd) {
    std::string text;
    const auto more = [&] {
      char bytes[4096];
      const ssize_t size = recv(fd, bytes, sizeof(bytes), 0);
      if (size > 0) text.append(bytes, static_cast<size_t>(size));
      return size > 0;
    };
    while (text.find("\r\n\r\n") == text.npos && more()) continue;
    Asked request;
    size_t end = text.find("\r\n");
    request.line = text.substr(0, text.find(" HTTP/"));
    for (size_t begin = end + 2; (end = text.find("\r\n", begin)) != begin && end != text.npos; begin = end + 2) {
      const std::string line = text.substr(begin, end - begin);
      std::string name = line.substr(0, line.find(':'));
      std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
      request.headers[name] = line.substr(std::min(line.size(), line.find(':') + 2));
    }
    const size_t head = text.find("\r\n\r\n") + 4;
    const auto length = request.headers.find("content-length");
    const size_t size = length == request.headers.end() ? 0 : std::stoul(length->second);
    while (text.size() < head + size && more()) continue;
    request.body = text.substr(std::min(head, text.size()));
    return request;
  }

  const Handler handler_;
  const int listener_;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::vector<Asked> asked_;
  std::vector<int> held_;  // used by the thread, and after it
  std::thread thread_;
};

}  // namespace kafkascope::http
