// What an HTTP client sends on one connection to the complete server, and the headers that we parse ourselves.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string>
#include <string_view>

#include "temporary_folder.h"
#include "web/accept_encoding.h"
#include "web/authorization.h"
#include "web/server.h"
#include "web/socket.h"

using namespace kafkascope;

namespace {

const TemporaryFolder folder;
const std::string path = folder.path() / "socket";

web::Server& server() {
  static config::Web config;
  config.listen_addresses = {"unix:" + path};
  config.enable_lifecycle = true;
  static const auto page = std::make_shared<const metrics::Page>();
  static web::Server result(
      config, [] { return page; }, [](std::string_view, int, double) {},
      [] {
        return web::ReloadResult{true, "reloaded"};
      },
      "1.2.3");
  return result;
}

// Aborts unless `bytes` are complete responses that a client may get.
void check(std::string_view bytes) {
  static const std::set<std::string_view> kCodes = {"200", "400", "404", "405", "408", "411", "413",
                                                    "414", "417", "431", "501", "503", "505"};
  while (!bytes.empty()) {
    constexpr std::string_view kStart = "HTTP/1.1 ", kLength = "\r\nContent-Length: ", kEnd = "\r\n\r\n";
    const size_t head = bytes.find(kEnd), length = bytes.find(kLength);
    if (!bytes.starts_with(kStart) || head == bytes.npos || length > head) std::abort();
    if (!kCodes.contains(bytes.substr(kStart.size(), 3))) std::abort();
    const size_t body = std::strtoul(bytes.data() + length + kLength.size(), nullptr, 10);
    bytes.remove_prefix(head + kEnd.size());
    const bool no_body = bytes.empty() || bytes.starts_with(kStart);  // of HEAD
    if (no_body) continue;
    if (bytes.size() < body) std::abort();
    bytes.remove_prefix(body);
  }
}

std::string responses_to(std::string_view request) {
  const web::Socket client(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof(address.sun_path) - 1);
  if (connect(client.fd(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) std::abort();
  // Fits into the socket's buffer. May fail: the server closes the connection at the first invalid byte.
  (void)send(client.fd(), request.data(), request.size(), MSG_NOSIGNAL);
  shutdown(client.fd(), SHUT_WR);
  std::string result;
  char buffer[4096];
  for (ssize_t size; (size = recv(client.fd(), buffer, sizeof(buffer), 0)) > 0;) result.append(buffer, size);
  return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  server();
  check(responses_to(bytes));
  web::parse_basic(bytes);
  web::accepts_gzip(bytes);
  return 0;
}
