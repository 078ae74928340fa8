#include "web/connection_queue.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <string_view>
#include <system_error>
#include <utility>

#include "log/event.h"
#include "web/limits.h"
#include "web/request_complete.h"

namespace kafkascope::web {
namespace {

using std::chrono::milliseconds;

// While the process is out of file descriptors, which a connection that waits in the kernel would otherwise turn into a
// busy loop.
constexpr milliseconds kPauseWithoutFiles{100};
// At most one warning in this time, however many connections fail.
constexpr std::chrono::minutes kWarningInterval{1};

// The other half of the file descriptors is for workers and Kafka.
size_t waiting_capacity() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return kMaxWaiting;
  return std::clamp<size_t>(files.rlim_cur / 2, 1, kMaxWaiting);
}

// Logging must not end the queue's thread. At debug level, because clients must not be able to fill the log.
void log_tls_failure(const std::string& error) noexcept {
  try {
    log_event(LogLevel::kDebug, "TLS connection failed", {{"error", error}});
  } catch (...) {
  }
}

int checked(int fd, const char* what) {
  if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
  return fd;
}

}  // namespace

ConnectionQueue::ConnectionQueue(size_t workers)
    : workers_(workers),
      capacity_(waiting_capacity()),
      epoll_(checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      wake_(checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")),
      peek_buffer_(kMaxRequestBytes, '\0') {}

void ConnectionQueue::start(std::vector<ListeningSocket> listening, StartTls start_tls, HandOver hand_over) {
  listening_ = std::move(listening);
  start_tls_ = std::move(start_tls);
  hand_over_ = std::move(hand_over);
  for (const ListeningSocket& socket : listening_) {
    // Otherwise accept4() blocks when a client disconnects before it is accepted.
    const int fd = socket.fd();
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    watch(fd, EPOLLIN);
  }
  watch(wake_.fd(), EPOLLIN);
  thread_ = std::thread([this] { run(); });
}

void ConnectionQueue::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  eventfd_write(wake_.fd(), 1);
  thread_.join();
  listening_.clear();
  ready_.clear();
  waiting_by_fd_.clear();
  waiting_.clear();
}

void ConnectionQueue::connection_closed() {
  --busy_;
  eventfd_write(wake_.fd(), 1);
}

void ConnectionQueue::run() {
  std::array<epoll_event, 64> events;
  while (!stopping_) {
    const int count = epoll_wait(epoll_.fd(), events.data(), events.size(), milliseconds_to_next_deadline());
    for (int i = 0; i < count; ++i) {
      const int fd = events[i].data.fd;
      const auto listening = std::find_if(listening_.begin(), listening_.end(),
                                          [fd](const ListeningSocket& socket) { return socket.fd() == fd; });
      if (fd == wake_.fd()) {
        eventfd_t ignored;
        eventfd_read(fd, &ignored);
      } else if (listening != listening_.end()) {
        accept_from(*listening);
      } else {
        check_complete(fd, (events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
      }
    }
    hand_over_ready();
    close_overdue();
  }
}

void ConnectionQueue::watch(int fd, uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  if (epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, fd, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl (limited by fs.epoll.max_user_watches)");
  }
}

void ConnectionQueue::accept_from(const ListeningSocket& listening) {
  Socket socket(accept4(listening.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (socket.fd() < 0) {
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      warn(std::strerror(errno));
      std::this_thread::sleep_for(kPauseWithoutFiles);
    }
    return;
  }
  const size_t capacity = uses_tls_ ? std::min(capacity_, kMaxWaitingWithTls) : capacity_;
  if (waiting_.size() + ready_.size() >= capacity) {
    if (waiting_.empty()) return;
    close_oldest();
  }
  try {
    add(std::move(socket));
  } catch (const std::exception& error) {
    warn(error.what());
  }
}

void ConnectionQueue::add(Socket socket) {
  const int fd = socket.fd();
  std::unique_ptr<TlsSession> tls = start_tls_(fd);
  uses_tls_ = tls != nullptr;
  const uint32_t events = uses_tls_ ? EPOLLIN | EPOLLOUT : EPOLLIN;
  std::list<Connection> added;  // closed again if one of the next steps fails
  added.push_back({std::move(socket), std::move(tls), Clock::now() + kRequestTimeout});
  const auto by_fd = waiting_by_fd_.emplace(fd, added.begin()).first;
  try {
    // Edge-triggered: one event each time that bytes arrive, because they are not read here. Also for those that have
    // arrived already.
    watch(fd, events | EPOLLRDHUP | EPOLLET);
  } catch (...) {
    waiting_by_fd_.erase(by_fd);
    throw;
  }
  waiting_.splice(waiting_.end(), added);
}

void ConnectionQueue::check_complete(int fd, bool ended) {
  const auto found = waiting_by_fd_.find(fd);
  if (found == waiting_by_fd_.end()) return;  // closed by an earlier event of the same round
  const auto connection = found->second;
  const Progress progress = progress_of(*connection);
  if (progress == Progress::kWaiting && !ended) return;
  waiting_by_fd_.erase(found);
  if (progress == Progress::kComplete) {
    epoll_ctl(epoll_.fd(), EPOLL_CTL_DEL, fd, nullptr);
    ready_.splice(ready_.end(), waiting_, connection);
  } else {
    waiting_.erase(connection);
  }
}

ConnectionQueue::Progress ConnectionQueue::progress_of(const Connection& connection) {
  if (connection.tls) {
    switch (connection.tls->advance()) {
      case TlsSession::Progress::kWaiting:
        return Progress::kWaiting;
      case TlsSession::Progress::kComplete:
        return Progress::kComplete;
      case TlsSession::Progress::kFailed:
        log_tls_failure(connection.tls->error());
        return Progress::kFailed;
    }
  }
  const ssize_t size = recv(connection.socket.fd(), peek_buffer_.data(), peek_buffer_.size(), MSG_PEEK | MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return Progress::kWaiting;
  if (size <= 0) return Progress::kFailed;
  const std::string_view bytes(peek_buffer_.data(), static_cast<size_t>(size));
  return is_complete_http(bytes) ? Progress::kComplete : Progress::kWaiting;
}

void ConnectionQueue::hand_over_ready() {
  while (!ready_.empty() && busy_ < workers_) {
    Connection connection = std::move(ready_.front());
    ready_.pop_front();
    ++busy_;
    try {
      hand_over_(std::move(connection.socket), std::move(connection.tls));
    } catch (const std::exception& error) {
      --busy_;
      warn(error.what());
    }
  }
}

void ConnectionQueue::close_oldest() {
  waiting_by_fd_.erase(waiting_.front().socket.fd());
  waiting_.pop_front();
}

void ConnectionQueue::close_overdue() {
  const auto now = Clock::now();
  while (!waiting_.empty() && waiting_.front().deadline <= now) close_oldest();
}

void ConnectionQueue::warn(const char* reason) {
  const auto now = Clock::now();
  if (now < next_warning_) return;
  next_warning_ = now + kWarningInterval;
  log_event(LogLevel::kWarning, "cannot accept HTTP connections", {{"error", reason}});
}

int ConnectionQueue::milliseconds_to_next_deadline() const {
  if (waiting_.empty()) return -1;
  const auto left = std::chrono::ceil<milliseconds>(waiting_.front().deadline - Clock::now());
  return static_cast<int>(std::max<milliseconds::rep>(left.count(), 0));
}

}  // namespace kafkascope::web
