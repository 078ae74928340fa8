#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kafkascope::config {

/// Contents of a client's TLS files; empty: not given.
struct TlsFiles {
  std::string ca, certificate, key;
  std::string passphrase;  ///< Of the key.
};

struct TlsFault {
  std::string_view id;  ///< The setting at fault: tls.ca_file, tls.cert_file, tls.key_file or tls.key_password.
  std::string message;  ///< What is wrong and how to fix it. Contains nothing of the files.
  bool needs_passphrase = false;
};

/// Returns why OpenSSL cannot use the files: not PEM, swapped, encrypted, or a key of another certificate.
std::optional<TlsFault> find_tls_fault(const TlsFiles& files);

}  // namespace kafkascope::config
