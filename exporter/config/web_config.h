#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config/config.h"

namespace kafkascope::config {

/// Whether clients need a certificate. As Go's tls.ClientAuthType.
enum class ClientAuth { kNone, kRequest, kRequireAny, kVerifyIfGiven, kRequireAndVerify };

enum class TlsVersion { k10, k11, k12, k13 };

/// TLS of the listeners. Contains the private key: never log it.
struct WebTls {
  std::string certificate, key, client_ca;  ///< PEM; client_ca may be empty.
  ClientAuth client_auth = ClientAuth::kNone;
  std::vector<std::string> client_allowed_sans;  ///< Empty: any.
  TlsVersion min_version = TlsVersion::k12, max_version = TlsVersion::k13;
  std::vector<std::string> ciphers;       ///< Up to TLS 1.2, OpenSSL's names. Empty: OpenSSL's defaults.
  std::vector<std::string> ciphersuites;  ///< Of TLS 1.3. Empty: OpenSSL's defaults.
  std::vector<std::string> groups;        ///< OpenSSL's names. Empty: OpenSSL's defaults.
  bool prefer_server_ciphers = true;

  bool operator==(const WebTls&) const = default;
};

/// A token bucket for requests.
struct RateLimit {
  std::chrono::milliseconds interval{0};  ///< Between two requests; 0: no limit.
  int burst = 0;

  bool operator==(const RateLimit&) const = default;
};

/// Who may connect, and which headers responses have.
struct WebConfig {
  std::optional<WebTls> tls;
  std::map<std::string, std::string> headers;
  std::map<std::string, std::string, std::less<>> users;  ///< Name to bcrypt hash. Empty: no authentication.
  RateLimit rate_limit;
  std::vector<Notice> notices;
  bool blank = false;  ///< The file has no content.

  bool operator==(const WebConfig&) const = default;
};

/// Reads the web configuration file or what kafka_exporter's flags name, with all certificates and keys. Adds the path
/// of each file to `files` before it is read, so that a caller also knows those of a failed attempt. Throws a
/// ConfigError, which never contains a secret.
WebConfig read_web_config(const Web& web, std::set<std::string>* files = nullptr);

}  // namespace kafkascope::config
