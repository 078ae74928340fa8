#pragma once

#include <string>

namespace kafkascope::app {

struct Health {
  bool healthy;
  std::string description;  ///< One line.
};

/// Requests `url` with a timeout of 5 s, on a Unix socket if one is given. Healthy: the response is 200, or 401, which
/// only a running server sends. Certificates are not verified, since the request usually goes to 127.0.0.1, which no
/// certificate names.
Health check_health(const std::string& url, const std::string& unix_socket);

}  // namespace kafkascope::app
