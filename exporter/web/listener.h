#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace kafkascope::web {

/// An address to listen on.
struct Listener {
  std::string address;          ///< host:port, [v6]:port, or :port for all addresses; port 0: any free one
  std::string certificate_pem;  ///< file with a certificate chain and its key; empty: no TLS. One for all listeners.
};

/// Returns the addresses, separated by commas, for a message.
std::string all_addresses(const std::vector<Listener>& listeners);

/// Returns the value of CivetWeb's option listening_ports. Throws std::runtime_error when one is not a single address,
/// or when there are none or too many.
std::string listening_ports(const std::vector<Listener>& listeners);

/// Returns why CivetWeb could not listen, for the reader of our log, from the messages that it logged.
std::string listen_error(const std::vector<Listener>& listeners, const std::vector<std::string>& messages);

/// Returns the port that a socket listens on.
int port_of(int listening_fd);

}  // namespace kafkascope::web
