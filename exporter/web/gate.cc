#include "web/gate.h"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <string_view>
#include <system_error>
#include <utility>

namespace kafkascope::web {
namespace {

using std::chrono::milliseconds;

// A client sends its request at once: it fits into one packet, rarely two. This bears the loss of both, twice.
constexpr milliseconds kRequestTime{5000};
// What CivetWeb takes too (its max_request_size): a longer request head is handed over to be refused.
constexpr size_t kMaxRequestBytes = 16 * 1024;
// With more than these, the one that has waited longest must go. A good client waits for one round trip only.
constexpr size_t kMaxWaiting = 4096;
// When the process is out of file descriptors.
constexpr milliseconds kPauseWithoutFiles{100};
// At most one warning in this time, however many connections fail.
constexpr std::chrono::minutes kWarningInterval{1};

constexpr size_t kTlsRecordHead = 5;
constexpr unsigned char kTlsHandshake = 22;

// Half of the file descriptors that we may have: workers and Kafka need the others.
size_t waiting_capacity() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return kMaxWaiting;
  return std::clamp<size_t>(files.rlim_cur / 2, 1, kMaxWaiting);
}

// What begins so is not a request head, and never will be: CivetWeb refuses these bytes as well.
bool is_malformed(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\r' && c != '\n') || byte == 0x7f;
}

// Nothing more has to arrive before CivetWeb can answer, be it with an error.
bool is_whole_http(std::string_view bytes) {
  return bytes.size() >= kMaxRequestBytes || bytes.find("\r\n\r\n") != bytes.npos || bytes.find("\n\n") != bytes.npos ||
         std::any_of(bytes.begin(), bytes.end(), is_malformed);
}

// The first record, which is the client's hello. The others follow at once or not at all, and that is up to the worker.
bool is_whole_tls(std::string_view bytes) {
  if (!bytes.empty() && static_cast<unsigned char>(bytes[0]) != kTlsHandshake) return true;
  if (bytes.size() < kTlsRecordHead) return false;
  const size_t length = static_cast<unsigned char>(bytes[3]) << 8 | static_cast<unsigned char>(bytes[4]);
  return bytes.size() >= std::min(kTlsRecordHead + length, kMaxRequestBytes);
}

int checked(int fd, const char* what) {
  if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
  return fd;
}

}  // namespace

Socket& Socket::operator=(Socket&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Socket::~Socket() {
  if (fd_ >= 0) ::close(fd_);
}

int Socket::release() { return std::exchange(fd_, -1); }

Gate::Gate(size_t workers)
    : workers_(workers),
      capacity_(waiting_capacity()),
      epoll_(checked(epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      wake_(checked(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")),
      peek_buffer_(kMaxRequestBytes, '\0') {}

void Gate::open(std::vector<ListeningSocket> listening, HandOver hand_over) {
  listening_ = std::move(listening);
  hand_over_ = std::move(hand_over);
  for (const ListeningSocket& socket : listening_) {
    // A client that has gone again before it is accepted must not stop the others.
    const int fd = socket.socket.fd();
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
    watch(fd, EPOLLIN);
  }
  watch(wake_.fd(), EPOLLIN);
  thread_ = std::thread([this] { run(); });
}

void Gate::close() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  eventfd_write(wake_.fd(), 1);
  thread_.join();
  listening_.clear();
  ready_.clear();
  waiting_by_fd_.clear();
  waiting_.clear();
}

void Gate::finished() {
  --busy_;
  eventfd_write(wake_.fd(), 1);
}

void Gate::run() {
  std::array<epoll_event, 64> events;
  while (!stopping_) {
    const int count = epoll_wait(epoll_.fd(), events.data(), events.size(), milliseconds_to_next_deadline());
    for (int i = 0; i < count; ++i) {
      const int fd = events[i].data.fd;
      const auto listening = std::find_if(listening_.begin(), listening_.end(),
                                          [fd](const ListeningSocket& socket) { return socket.socket.fd() == fd; });
      if (fd == wake_.fd()) {
        eventfd_t ignored;
        eventfd_read(fd, &ignored);
      } else if (listening != listening_.end()) {
        accept_from(*listening);
      } else {
        look_at(fd, (events[i].events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0);
      }
    }
    hand_over_ready();
    close_overdue();
  }
}

void Gate::watch(int fd, uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  if (epoll_ctl(epoll_.fd(), EPOLL_CTL_ADD, fd, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl (limited by fs.epoll.max_user_watches)");
  }
}

void Gate::accept_from(const ListeningSocket& listening) {
  Socket socket(accept4(listening.socket.fd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (socket.fd() < 0) {
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      warn(std::strerror(errno));
      std::this_thread::sleep_for(kPauseWithoutFiles);
    }
    return;
  }
  if (waiting_.size() + ready_.size() >= capacity_) {
    if (waiting_.empty()) return;
    waiting_by_fd_.erase(waiting_.front().socket.fd());
    waiting_.pop_front();
  }
  try {
    add(std::move(socket), listening.is_tls);
  } catch (const std::exception& error) {
    warn(error.what());
  }
}

void Gate::add(Socket socket, bool is_tls) {
  const int fd = socket.fd();
  std::list<Connection> added;  // closed again if one of the next steps fails
  added.push_back({std::move(socket), is_tls, Clock::now() + kRequestTime});
  const auto by_fd = waiting_by_fd_.emplace(fd, added.begin()).first;
  try {
    // Edge-triggered: one event each time that bytes arrive, because they are not read here. Also for those that have
    // arrived already.
    watch(fd, EPOLLIN | EPOLLRDHUP | EPOLLET);
  } catch (...) {
    waiting_by_fd_.erase(by_fd);
    throw;
  }
  waiting_.splice(waiting_.end(), added);
}

void Gate::look_at(int fd, bool ended) {
  const auto found = waiting_by_fd_.find(fd);
  if (found == waiting_by_fd_.end()) return;  // closed by an earlier event of the same round
  const auto connection = found->second;
  const ssize_t size = recv(fd, peek_buffer_.data(), peek_buffer_.size(), MSG_PEEK | MSG_DONTWAIT);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  const std::string_view bytes(peek_buffer_.data(), std::max<ssize_t>(size, 0));
  const bool whole = size > 0 && (connection->is_tls ? is_whole_tls(bytes) : is_whole_http(bytes));
  if (!whole && !ended && size > 0) return;
  waiting_by_fd_.erase(found);
  if (whole) {
    epoll_ctl(epoll_.fd(), EPOLL_CTL_DEL, fd, nullptr);
    ready_.splice(ready_.end(), waiting_, connection);
  } else {
    waiting_.erase(connection);
  }
}

void Gate::hand_over_ready() {
  while (!ready_.empty() && busy_ < workers_) {
    Connection connection = std::move(ready_.front());
    ready_.pop_front();
    ++busy_;
    try {
      hand_over_(std::move(connection.socket), connection.is_tls);
    } catch (const std::exception& error) {
      --busy_;
      warn(error.what());
    }
  }
}

void Gate::close_overdue() {
  const auto now = Clock::now();
  while (!waiting_.empty() && waiting_.front().deadline <= now) {
    waiting_by_fd_.erase(waiting_.front().socket.fd());
    waiting_.pop_front();
  }
}

void Gate::warn(const char* reason) {
  const auto now = Clock::now();
  if (now < next_warning_) return;
  next_warning_ = now + kWarningInterval;
  spdlog::warn("cannot accept HTTP connections: {}", reason);
}

int Gate::milliseconds_to_next_deadline() const {
  if (waiting_.empty()) return -1;
  const auto left = std::chrono::ceil<milliseconds>(waiting_.front().deadline - Clock::now());
  return static_cast<int>(std::max<milliseconds::rep>(left.count(), 0));
}

}  // namespace kafkascope::web
