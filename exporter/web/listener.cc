#include "web/listener.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <spdlog/fmt/fmt.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string_view>

#include "config/value.h"
#include "model/deleter.h"
#include "web/limits.h"

namespace kafkascope::web {
namespace {

constexpr int kFirstSystemdSocket = 3;

[[noreturn]] void fail(std::string_view address, std::string_view reason) {
  throw std::runtime_error(fmt::format("cannot listen on {}: {}", address, reason));
}

std::string_view hint_for(int error) {
  switch (error) {
    case EADDRINUSE:
      return " (another program listens there: end it, or choose another address with --web.listen-address)";
    case EACCES:
      return " (ports below 1024 need a privilege, Unix sockets a folder that this user may write: choose another "
             "address with --web.listen-address)";
    case EADDRNOTAVAIL:
      return " (this machine has no such address: --web.listen-address=:9308 stands for all that it has)";
    default:
      return "";
  }
}

[[noreturn]] void fail(std::string_view address, int error) {
  fail(address, fmt::format("{}{}", std::strerror(error), hint_for(error)));
}

bool has_ipv6() {
  const Socket socket(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return socket.fd() >= 0;
}

void set(const Socket& socket, int level, int option, int value) {
  setsockopt(socket.fd(), level, option, &value, sizeof(value));
}

using Addresses = std::unique_ptr<addrinfo, model::Deleter<freeaddrinfo>>;

// Returns the addresses of a host, IPv4 first.
Addresses resolve(const std::string& address, std::string host, const std::string& port) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  hints.ai_family = !host.empty() ? AF_UNSPEC : has_ipv6() ? AF_INET6 : AF_INET;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.empty() ? nullptr : host.c_str(), port.c_str(), &hints, &found);
  if (error != 0) fail(address, gai_strerror(error));
  return Addresses(found);
}

ListeningSocket listen_on_port(const std::string& address) {
  const size_t colon = address.rfind(':');
  const std::string port = colon == address.npos ? "" : address.substr(colon + 1);
  int number = -1;
  const auto parsed = std::from_chars(port.data(), port.data() + port.size(), number);
  if (parsed.ec != std::errc() || parsed.ptr != port.data() + port.size() || number < 0 || number > 65535)
    fail(address, "one address is wanted, as host:port");
  const std::string host = address.substr(0, colon);
  const Addresses addresses = resolve(address, host, port);
  const addrinfo* chosen = addresses.get();
  for (const addrinfo* each = addresses.get(); each; each = each->ai_next)
    if (each->ai_family == AF_INET && chosen->ai_family != AF_INET) chosen = each;
  Socket socket(::socket(chosen->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket.fd() < 0) fail(address, errno);
  set(socket, SOL_SOCKET, SO_REUSEADDR, 1);
  if (chosen->ai_family == AF_INET6) set(socket, IPPROTO_IPV6, IPV6_V6ONLY, host.empty() || host == "[::]" ? 0 : 1);
  if (bind(socket.fd(), chosen->ai_addr, chosen->ai_addrlen) != 0) fail(address, errno);
  if (::listen(socket.fd(), kBacklog) != 0) fail(address, errno);
  return ListeningSocket(std::move(socket));
}

// Removes a socket that a process left behind.
void remove_stale(const std::string& address, const sockaddr_un& at) {
  struct stat file {};
  if (lstat(at.sun_path, &file) != 0) return;
  if (!S_ISSOCK(file.st_mode)) fail(address, "there is a file of this name that is not a socket");
  const Socket probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int result = connect(probe.fd(), reinterpret_cast<const sockaddr*>(&at), sizeof(at));
  if (result == 0 || errno != ECONNREFUSED) fail(address, EADDRINUSE);
  unlink(at.sun_path);
}

ListeningSocket listen_on_unix(const std::string& address, const config::UnixAddress& where) {
  sockaddr_un at{};
  at.sun_family = AF_UNIX;
  if (where.path.empty() || where.path.size() >= sizeof(at.sun_path)) fail(address, "not a valid path");
  where.path.copy(at.sun_path, sizeof(at.sun_path) - 1);
  remove_stale(address, at);
  Socket socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (socket.fd() < 0) fail(address, errno);
  if (bind(socket.fd(), reinterpret_cast<const sockaddr*>(&at), sizeof(at)) != 0) fail(address, errno);
  ListeningSocket result(std::move(socket), where.path);
  // Before listen(), until which nobody can connect.
  if (chmod(at.sun_path, where.mode) != 0) fail(address, errno);
  if (::listen(result.fd(), kBacklog) != 0) fail(address, errno);
  return result;
}

int number_in(const char* variable) {
  int number = 0;
  if (const char* text = std::getenv(variable)) std::from_chars(text, text + std::strlen(text), number);
  return number;
}

// sd_listen_fds(3). The sockets are duplicated: they are needed again after a reload.
std::vector<ListeningSocket> systemd_sockets() {
  std::vector<ListeningSocket> result;
  const int count = number_in("LISTEN_PID") == getpid() ? number_in("LISTEN_FDS") : 0;
  for (int fd = kFirstSystemdSocket; fd < kFirstSystemdSocket + count; ++fd) {
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    int listens = 0, type = 0;
    socklen_t size = sizeof(int);
    getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size);
    getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size);
    if (!listens || type != SOCK_STREAM)
      fail("systemd's sockets", "one is not a listening stream socket; the socket unit needs ListenStream=");
    result.emplace_back(Socket(fcntl(fd, F_DUPFD_CLOEXEC, 0)));
  }
  if (result.empty())
    fail("systemd's sockets", "none was passed; start a socket unit, or leave --web.systemd-socket out");
  return result;
}

}  // namespace

ListeningSocket::~ListeningSocket() {
  if (!unix_path_.empty()) unlink(unix_path_.c_str());
}

int ListeningSocket::port() const {
  sockaddr_storage address{};
  socklen_t length = sizeof(address);
  getsockname(fd(), reinterpret_cast<sockaddr*>(&address), &length);
  if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port);
  return address.ss_family == AF_INET ? ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port) : 0;
}

std::vector<ListeningSocket> listen(const config::Web& web) {
  if (web.systemd_socket) return systemd_sockets();
  if (web.listen_addresses.empty()) throw std::runtime_error("there is no address to listen on");
  std::vector<ListeningSocket> result;
  for (const std::string& address : web.listen_addresses) {
    const auto where = config::unix_address(address);
    result.push_back(where ? listen_on_unix(address, *where) : listen_on_port(address));
  }
  return result;
}

}  // namespace kafkascope::web
