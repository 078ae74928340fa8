#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "web/listener.h"
#include "web/socket.h"
#include "web/tls_session.h"

namespace kafkascope::web {

/// Accepts connections and queues them until a complete request has arrived, with one thread for all of them, which
/// also performs TLS handshakes. Only then is a connection handed to a worker of CivetWeb, which has a thread per
/// connection. A client that sends nothing, or a byte per second, therefore costs a file descriptor for a few seconds
/// and never a worker.
///
/// Requests without TLS are only peeked at (MSG_PEEK): CivetWeb reads them, and refuses those that are invalid.
/// Thread-safety: connection_closed(), busy() and under_load() may be called by any thread.
class ConnectionQueue {
 public:
  /// Returns the TLS session of a new connection; null: no TLS. Called by the queue's thread.
  using StartTls = std::function<std::unique_ptr<TlsSession>(int fd)>;
  /// Called by the queue's thread; `tls`: null, or a session that has read the request. Must not block while fewer than
  /// `workers` connections are handed over and not closed. If it throws, the connection is closed, and
  /// connection_closed() must not be called for it.
  using HandOver = std::function<void(Socket socket, std::unique_ptr<TlsSession> tls)>;

  /// Throws std::system_error.
  explicit ConnectionQueue(size_t workers);
  ~ConnectionQueue() { stop(); }
  ConnectionQueue(const ConnectionQueue&) = delete;
  ConnectionQueue& operator=(const ConnectionQueue&) = delete;

  /// Starts accepting. Call it once. Throws std::system_error when the system lacks resources.
  void start(std::vector<ListeningSocket> listening, StartTls start_tls, HandOver hand_over);
  /// Closes the listening sockets and the queued connections, but not those that were handed over.
  void stop();

  /// Must be called when a connection that was handed over has been closed.
  void connection_closed();
  /// Returns the number of workers that are occupied, or about to be.
  size_t busy() const { return busy_; }
  /// Returns whether more than half of the workers are occupied.
  bool under_load() const { return 2 * busy_ > workers_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Connection {
    Socket socket;
    std::unique_ptr<TlsSession> tls;
    Clock::time_point deadline;  // for the request to be complete
  };

  void run();
  void accept_from(const ListeningSocket& listening);
  void add(Socket socket);
  void check_complete(int fd, bool ended);
  enum class Progress { kWaiting, kComplete, kFailed };
  Progress progress_of(const Connection& connection);
  void hand_over_ready();
  void close_oldest();
  void close_overdue();
  void watch(int fd, uint32_t events);
  void warn(const char* reason);
  int milliseconds_to_next_deadline() const;

  const size_t workers_;
  const size_t capacity_;  // of waiting_ and ready_ together
  const Socket epoll_, wake_;
  std::vector<ListeningSocket> listening_;
  StartTls start_tls_;
  HandOver hand_over_;
  std::string peek_buffer_;
  bool uses_tls_ = false;  // the newest connection

  std::list<Connection> waiting_;  // in the order of their deadlines
  std::unordered_map<int, std::list<Connection>::iterator> waiting_by_fd_;
  std::list<Connection> ready_;  // complete, but no worker is free
  Clock::time_point next_warning_;
  std::atomic<size_t> busy_ = 0;  // workers
  std::atomic<bool> stopping_ = false;
  std::thread thread_;  // run(); while it runs, only it uses what is neither const nor atomic
};

}  // namespace kafkascope::web
