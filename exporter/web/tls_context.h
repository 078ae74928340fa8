#pragma once

#include <openssl/types.h>

#include <memory>
#include <string>
#include <vector>

#include "config/web_config.h"

namespace kafkascope::web {

struct FreeTls {
  void operator()(SSL_CTX* context) const;
  void operator()(SSL* session) const;
};
using TlsSessionHandle = std::unique_ptr<SSL, FreeTls>;

/// Certificate, key and rules of TLS connections. Immutable: a changed configuration is a new context, which also ends
/// the resumption of sessions of the old one. Thread-safety: all functions may be called by any thread.
class TlsContext {
 public:
  /// Throws std::runtime_error if OpenSSL rejects the configuration.
  explicit TlsContext(const config::WebTls& tls);

  /// Returns a session that accepts a handshake on a connected socket. The context must exist until the handshake has
  /// ended. Throws std::bad_alloc.
  TlsSessionHandle accept(int fd) const;
  const config::WebTls& config() const { return config_; }

 private:
  static int verify(X509_STORE_CTX* chain, void* self);
  void set_versions_and_ciphers();
  void set_certificate();
  void set_client_auth();
  void check(bool success, const char* what) const;

  const config::WebTls config_;
  const std::unique_ptr<SSL_CTX, FreeTls> context_;
};

/// Returns the subject alternative names of a certificate: DNS names, e-mail addresses, IP addresses and URIs.
std::vector<std::string> alternative_names(const X509* certificate);

}  // namespace kafkascope::web
