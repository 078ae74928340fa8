#pragma once

#include <memory>
#include <string>

#include "web/tls_context.h"

namespace kafkascope::web {

/// The server's side of one TLS connection until its first request has arrived. Never blocks. Thread-safety: one
/// thread.
class TlsSession {
 public:
  enum class Progress { kWaiting, kComplete, kFailed };

  /// `fd`: a non-blocking socket, which must be open as long as the session.
  TlsSession(std::shared_ptr<const TlsContext> context, int fd);

  /// Continues the handshake and then reads, as far as the client has sent something. kComplete: the request head is
  /// complete or too long.
  Progress advance();
  /// Returns why advance() failed.
  const std::string& error() const { return error_; }

  /// What was read of the request.
  const std::string& received() const { return received_; }
  const std::shared_ptr<const TlsContext>& context() const { return context_; }
  /// Returns OpenSSL's object, which is then the caller's to free.
  SSL* release() { return session_.release(); }

 private:
  Progress fail(int result);
  void reject_plain_http() const;

  const std::shared_ptr<const TlsContext> context_;
  const int fd_;
  TlsSessionHandle session_;
  std::string received_, error_;
};

}  // namespace kafkascope::web
