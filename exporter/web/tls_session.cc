#include "web/tls_session.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "web/limits.h"
#include "web/request_complete.h"

namespace kafkascope::web {

TlsSession::TlsSession(std::shared_ptr<const TlsContext> context, int fd)
    : context_(std::move(context)), fd_(fd), session_(context_->accept(fd)) {}

TlsSession::Progress TlsSession::advance() {
  ERR_clear_error();
  if (!SSL_is_init_finished(session_.get())) {
    const int result = SSL_accept(session_.get());
    if (result != 1) return fail(result);
  }
  std::array<char, 4096> buffer;
  while (!is_complete_http(received_)) {
    ERR_clear_error();
    const size_t room = std::min(buffer.size(), kMaxRequestBytes - received_.size());
    const int size = SSL_read(session_.get(), buffer.data(), static_cast<int>(room));
    if (size <= 0) return fail(size);
    received_.append(buffer.data(), static_cast<size_t>(size));
  }
  return Progress::kComplete;
}

TlsSession::Progress TlsSession::fail(int result) {
  const int error = SSL_get_error(session_.get(), result);
  if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) return Progress::kWaiting;
  const unsigned long code = ERR_peek_error();
  if (const long verified = SSL_get_verify_result(session_.get()); verified != X509_V_OK)
    error_ = X509_verify_cert_error_string(verified);
  else if (const char* reason = ERR_reason_error_string(code))
    error_ = reason;
  else
    error_ = "the client disconnected";
  if (ERR_GET_LIB(code) == ERR_LIB_SSL && ERR_GET_REASON(code) == SSL_R_HTTP_REQUEST) reject_plain_http();
  ERR_clear_error();
  return Progress::kFailed;
}

void TlsSession::reject_plain_http() const {
  constexpr std::string_view kResponse =
      "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 48\r\n"
      "Connection: close\r\n\r\nClient sent an HTTP request to an HTTPS server.\n";
  static_assert(kResponse.size() - kResponse.find("Client") == 48);
  (void)send(fd_, kResponse.data(), kResponse.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  // Closing a socket with unread bytes would discard the response.
  std::array<char, 4096> rest;
  while (recv(fd_, rest.data(), rest.size(), MSG_DONTWAIT) > 0) continue;
}

}  // namespace kafkascope::web
