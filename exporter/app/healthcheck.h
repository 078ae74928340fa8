#pragma once

#include <string>

namespace kafkascope::app {

struct Health {
  bool healthy;
  std::string description;  ///< One line.
};

/// Requests `url` with a timeout of 5 s. Healthy: the response is 200. Certificates are not verified, since the request
/// usually goes to 127.0.0.1, which no certificate names.
Health check_health(const std::string& url);

}  // namespace kafkascope::app
