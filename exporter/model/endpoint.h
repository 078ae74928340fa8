#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kafkascope::model {

struct ChainCertificate {
  std::string subject, issuer;
  int64_t expiry = 0;  ///< Unix time in seconds.
};

/// What a server shows in a TLS handshake.
struct TlsFacts {
  std::string version;                  ///< TLSv1.3
  std::vector<ChainCertificate> chain;  ///< The server's own certificate first.
  std::string fault;                    ///< Why the chain is not trusted; empty: it is.
  bool name_matches = false;            ///< The certificate is for the host that was connected to.
};

/// A server as seen by a connection of our own, besides librdkafka's.
struct Endpoint {
  std::string address;  ///< host:port
  std::string origin;   ///< bootstrap server, or broker ID
  std::vector<std::string> ips = {};
  std::string resolve_error = {};  ///< Empty: resolved.
  std::string connect_error = {};  ///< Empty: connected, or not tried.
  std::optional<TlsFacts> tls = {};
  std::string tls_error = {};  ///< The handshake failed.
};

}  // namespace kafkascope::model
