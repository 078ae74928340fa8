#pragma once

#include <functional>
#include <string>

#include "config/value.h"
#include "config/web_config.h"

namespace kafkascope::config {

/// A certificate, a key or client CAs: a file or the text itself.
struct PemSource {
  Origin origin;     ///< Of the setting, or of the section if it was not given.
  std::string path;  ///< Empty: `text`.
  std::string text;

  bool given() const { return !path.empty() || !text.empty(); }
};

struct WebTlsSources {
  PemSource certificate, key, client_ca;
};

/// Reads a file for PemSource::path.
using ReadPem = std::function<std::string(const Origin&, const std::string& path)>;

/// Reads the sources into `tls`. Fails if OpenSSL could not use them.
void read_pem(WebTls& tls, const WebTlsSources& sources, const ReadPem& read);

// Convert the toolkit's names, which are Go's.

ClientAuth to_client_auth(const Value& value);
TlsVersion to_tls_version(const Value& value);
/// Adds a cipher suite to tls.ciphers or tls.ciphersuites.
void add_cipher(WebTls& tls, const Value& value);
/// Returns OpenSSL's name of a curve.
std::string to_group(const Value& value);

/// Returns whether `hash` is a bcrypt hash.
bool is_bcrypt(const std::string& hash);

}  // namespace kafkascope::config
