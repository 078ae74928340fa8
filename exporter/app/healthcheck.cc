#include "app/healthcheck.h"

#include <spdlog/fmt/fmt.h>

#include "http/client.h"

namespace kafkascope::app {

Health check_health(const std::string& url, const std::string& unix_socket) try {
  http::Request request;
  request.url = url;
  request.verify_certificate = false;
  request.unix_socket = unix_socket;
  const int status = http::send(request).status;
  return {status == 200 || status == 401, fmt::format("{}: {}", url, status)};
} catch (const http::Error& e) {
  return {false, e.what()};
}

}  // namespace kafkascope::app
