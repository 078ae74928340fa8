#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <memory>
#include <string>
#include <vector>

#include "zookeeper/wait.h"

namespace kafkascope::zookeeper {

struct Address {
  sockaddr_storage address;
  socklen_t size;

  int family() const { return address.ss_family; }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
};

/// Looks up the addresses of one host. Names are looked up in a thread that is left behind if it takes too long:
/// getaddrinfo() can be neither limited nor ended. Thread-safety: one thread.
class Resolver {
 public:
  Resolver(std::string host, std::string port) : host_(std::move(host)), port_(std::move(port)) {}

  /// Returns all addresses, at least one. Throws an Error.
  std::vector<Address> resolve(const Limits& limits);

 private:
  struct Lookup;

  const std::string host_, port_;
  std::shared_ptr<Lookup> pending_;  ///< Exceeded its time; null: none did.
};

}  // namespace kafkascope::zookeeper
