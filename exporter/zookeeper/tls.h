#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>

#include "config/config.h"
#include "model/deleter.h"

namespace kafkascope::zookeeper {

using TlsSession = std::unique_ptr<SSL, model::Deleter<SSL_free>>;

/// TLS settings of an ensemble's clients. Thread-safe.
class TlsContext {
 public:
  /// Reads the files. Throws std::runtime_error if OpenSSL rejects one.
  explicit TlsContext(const config::ZooKeeperTls& tls);

  /// Returns a session on a connected socket, which verifies that the server has a valid certificate, for `host`
  /// unless the settings exclude that.
  TlsSession connect(int socket, const std::string& host) const;

 private:
  const bool verify_server_name_;
  const std::unique_ptr<SSL_CTX, model::Deleter<SSL_CTX_free>> context_;
};

/// Returns what failed last in this thread, in OpenSSL's words, and forgets it; empty: nothing.
std::string last_tls_error();

}  // namespace kafkascope::zookeeper
