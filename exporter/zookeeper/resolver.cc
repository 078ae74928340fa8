#include "zookeeper/resolver.h"

#include <netdb.h>
#include <poll.h>

#include <atomic>
#include <cstring>
#include <thread>
#include <utility>

#include "model/deleter.h"
#include "zookeeper/error.h"

namespace kafkascope::zookeeper {
namespace {

struct Found {
  int error = 0;  ///< Of getaddrinfo().
  std::vector<Address> addresses;
};

Found look_up(const std::string& host, const std::string& port, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* list = nullptr;
  Found found;
  found.error = getaddrinfo(host.c_str(), port.c_str(), &hints, &list);
  if (found.error != 0) return found;
  const std::unique_ptr<addrinfo, model::Deleter<freeaddrinfo>> owner(list);
  for (const addrinfo* entry = list; entry; entry = entry->ai_next) {
    Address address{};
    std::memcpy(&address.address, entry->ai_addr, entry->ai_addrlen);
    address.size = entry->ai_addrlen;
    found.addresses.push_back(address);
  }
  return found;
}

}  // namespace

struct Resolver::Lookup {
  Found found;
  std::atomic<bool> has_found = false;  ///< Set after `found`, and before the event.
  Event done;
};

std::vector<Address> Resolver::resolve(const Limits& limits) {
  if (auto numeric = look_up(host_, port_, AI_NUMERICHOST); numeric.error == 0) return numeric.addresses;
  auto lookup = std::exchange(pending_, nullptr);
  if (!lookup) {
    lookup = std::make_shared<Lookup>();
    std::thread([lookup, host = host_, port = port_] {
      lookup->found = look_up(host, port, 0);
      lookup->has_found = true;
      lookup->done.set();
    }).detach();
  }
  try {
    wait(lookup->done.fd(), POLLIN, limits, "answer of the name server");
  } catch (const Error&) {
    pending_ = std::move(lookup);  // the next call waits for the same one: they do not pile up
    throw;
  }
  if (!lookup->has_found || lookup->found.error != 0)
    fail(model::Reason::kUnreachable, std::string("the name cannot be resolved: ") + gai_strerror(lookup->found.error));
  return std::move(lookup->found.addresses);
}

}  // namespace kafkascope::zookeeper
