#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

namespace kafkascope::web {

/// A file descriptor that is closed at the end.
class Socket {
 public:
  explicit Socket(int fd) : fd_(fd) {}
  Socket(Socket&& other) noexcept : fd_(other.release()) {}
  Socket& operator=(Socket&& other) noexcept;
  ~Socket();

  int fd() const { return fd_; }
  int release();

 private:
  int fd_;
};

struct ListeningSocket {
  Socket socket;
  bool is_tls = false;
};

/// Accepts connections and keeps them waiting until a whole request has arrived (of TLS: the first record), with one
/// thread for all. Only then is a connection handed to a worker of CivetWeb, which has a thread per connection: clients
/// that say nothing, or a byte each second, cost a file descriptor for a few seconds and never a worker.
///
/// Nothing is read here: the requests are looked at (MSG_PEEK) and left to CivetWeb, as are those that are no HTTP at
/// all. Thread-safety: finished() may be called by any number of threads.
class Gate {
 public:
  /// Called by the gate's thread; must not block as long as finished() has been called for all but `workers`
  /// connections. If it throws, the connection is closed, and finished() must not be called for it.
  using HandOver = std::function<void(Socket socket, bool is_tls)>;

  explicit Gate(size_t workers);
  ~Gate() { close(); }
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  /// Starts accepting. Once. Throws std::system_error when the system refuses.
  void open(std::vector<ListeningSocket> listening, HandOver hand_over);
  /// Closes what listens and what waits here. Connections that were handed over are not touched.
  void close();

  /// A connection that was handed over has been closed.
  void finished();
  /// Workers that are taken, or soon will be.
  size_t busy() const { return busy_; }
  /// More than half of the workers are taken.
  bool crowded() const { return 2 * busy_ > workers_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Connection {
    Socket socket;
    bool is_tls;
    Clock::time_point deadline;  // for the request to be whole
  };

  void run();
  void accept_from(const ListeningSocket& listening);
  void add(Socket socket, bool is_tls);
  void look_at(int fd, bool ended);
  void hand_over_ready();
  void close_overdue();
  void watch(int fd, uint32_t events);
  void warn(const char* reason);
  int milliseconds_to_next_deadline() const;

  const size_t workers_;
  const size_t capacity_;  // connections that may wait here
  const Socket epoll_, wake_;
  std::vector<ListeningSocket> listening_;
  HandOver hand_over_;
  std::string peek_buffer_;

  std::list<Connection> waiting_;  // in the order of their deadlines
  std::unordered_map<int, std::list<Connection>::iterator> waiting_by_fd_;
  std::list<Connection> ready_;  // whole, but no worker is free
  Clock::time_point next_warning_;
  std::atomic<size_t> busy_ = 0;  // workers taken
  std::atomic<bool> stopping_ = false;
  std::thread thread_;  // run(), which alone uses what is not const or atomic while it lives
};

}  // namespace kafkascope::web
