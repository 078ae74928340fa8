#include "app/healthcheck.h"

#include <spdlog/fmt/fmt.h>

#include "http/client.h"

namespace kafkascope::app {

Health check_health(const std::string& url) try {
  http::Request request;
  request.url = url;
  request.verify_certificate = false;
  const int status = http::send(request).status;
  return {status == 200, fmt::format("{}: {}", url, status)};
} catch (const http::Error& e) {
  return {false, e.what()};
}

}  // namespace kafkascope::app
