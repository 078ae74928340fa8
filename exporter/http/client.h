#pragma once

#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace kafkascope::http {

struct Request {
  std::string method = "GET", url;
  std::vector<std::string> headers;  ///< Lines "Name: value".
  std::string body;
  std::chrono::milliseconds timeout{std::chrono::seconds(5)};  ///< Of the whole request.
  bool verify_certificate = true;
  std::string ca_file;      ///< Empty: the system trust store.
  std::string unix_socket;  ///< Connect to this path instead of the URL's host. Empty: do not.
  bool use_proxy = false;   ///< That of the environment: https_proxy, no_proxy.
};

struct Response {
  int status = 0;
  std::string body;  ///< At most kMaxBodyBytes; a longer one is an error.
};

inline constexpr size_t kMaxBodyBytes = 1'000'000;

/// No response. The text is the URL and the reason.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Sends one HTTP or HTTPS request and returns the response, whatever its status. Redirects are not followed. Calls
/// `stopped` ten times a second, and gives up once it returns true. Throws Error. May be called from any thread.
Response send(const Request& request, const std::function<bool()>& stopped = {});

}  // namespace kafkascope::http
