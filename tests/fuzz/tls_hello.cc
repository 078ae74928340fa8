// What a TLS client sends before it is known, and the names in a certificate of a client.
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>

#include "config/web_config.h"
#include "model/deleter.h"
#include "web/socket.h"
#include "web/tls_context.h"
#include "web/tls_session.h"

using namespace kafkascope;
using Progress = web::TlsSession::Progress;

namespace {

std::shared_ptr<const web::TlsContext> make_context() {
  config::Web web;
  const std::string folder = "tests/unit/config/cases/";
  web.server_tls = {true, true, folder + "ca.pem", folder + "cert.pem", folder + "key.pem"};
  config::WebTls tls = *config::read_web_config(web).tls;
  tls.client_auth = config::ClientAuth::kVerifyIfGiven;
  tls.min_version = config::TlsVersion::k10;
  return std::make_shared<const web::TlsContext>(tls);
}

// Sends the bytes in two parts. Aborts if they pass as a request.
void shake_hands(std::string_view bytes) {
  static const auto context = make_context();
  std::array<int, 2> fds;
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds.data()) != 0) std::abort();
  const web::Socket client(fds[0]), server(fds[1]);
  web::TlsSession session(context, server.fd());
  for (const std::string_view part : {bytes.substr(0, bytes.size() / 2), bytes.substr(bytes.size() / 2)}) {
    (void)send(client.fd(), part.data(), part.size(), MSG_NOSIGNAL);
    switch (session.advance()) {
      case Progress::kWaiting:
        break;
      case Progress::kComplete:
        std::abort();
      case Progress::kFailed:
        if (session.error().empty()) std::abort();
        return;
    }
  }
}

void read_certificate(const uint8_t* data, size_t size) {
  const std::unique_ptr<X509, model::Deleter<X509_free>> certificate(d2i_X509(nullptr, &data, static_cast<long>(size)));
  if (certificate) web::alternative_names(certificate.get());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  shake_hands({reinterpret_cast<const char*>(data), size});
  read_certificate(data, size);
  return 0;
}
