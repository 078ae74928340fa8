#include "web/listener.h"

#include <netinet/in.h>
#include <spdlog/fmt/fmt.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <stdexcept>

#include "web/limits.h"
#include "web/socket.h"

namespace kafkascope::web {
namespace {

bool has_ipv6() {
  const Socket socket(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return socket.fd() >= 0;
}

// In CivetWeb's notation: "+" is for IPv4 and IPv6, "s" for TLS.
std::string civetweb_address(const Listener& listener) {
  std::string result = listener.address;
  if (result.find_first_of(", ") != result.npos) {
    throw std::runtime_error(fmt::format("cannot listen on {}: one address is wanted, as host:port", result));
  }
  if (result.starts_with(':')) result = (has_ipv6() ? "+" : "") + result.substr(1);
  if (!listener.certificate_pem.empty()) result += "s";
  return result;
}

std::string_view hint_for(int error) {
  switch (error) {
    case EADDRINUSE:
      return " (another program listens there: end it, or choose another port with --web.listen-address)";
    case EACCES:
      return " (ports below 1024 need a privilege: choose another one with --web.listen-address)";
    case EADDRNOTAVAIL:
      return " (this machine has no such address: --web.listen-address=:9308 stands for all that it has)";
    default:
      return "";
  }
}

}  // namespace

std::string all_addresses(const std::vector<Listener>& listeners) {
  std::string result;
  for (const Listener& listener : listeners) result += (result.empty() ? "" : ", ") + listener.address;
  return result;
}

std::string listening_ports(const std::vector<Listener>& listeners) {
  if (listeners.empty() || listeners.size() > kMaxListeners) {
    throw std::runtime_error(fmt::format("between 1 and {} addresses to listen on are wanted", kMaxListeners));
  }
  std::string result;
  for (const Listener& listener : listeners) result += (result.empty() ? "" : ",") + civetweb_address(listener);
  return result;
}

std::string listen_error(const std::vector<Listener>& listeners, const std::vector<std::string>& messages) {
  for (const std::string& message : messages) {  // "cannot bind to <address>: <errno> (<words>)"
    for (const Listener& listener : listeners) {
      const std::string address = civetweb_address(listener);
      const size_t at = message.find(address + ": ");
      if (at == message.npos) continue;
      const std::string_view reason = std::string_view(message).substr(at + address.size() + 2);
      int error = 0;
      std::from_chars(reason.data(), reason.data() + reason.size(), error);
      if (error == 0) return fmt::format("cannot listen on {}: {}", listener.address, reason);
      return fmt::format("cannot listen on {}: {}{}", listener.address, std::strerror(error), hint_for(error));
    }
  }
  return fmt::format("cannot listen on {}: {}", all_addresses(listeners),
                     messages.empty() ? "no reason given" : messages.front());
}

int port_of(int listening_fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof(address);
  getsockname(listening_fd, reinterpret_cast<sockaddr*>(&address), &length);
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                                             : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

}  // namespace kafkascope::web
