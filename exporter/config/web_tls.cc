#include "config/web_tls.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "config/suggest.h"
#include "config/tls_files.h"

namespace kafkascope::config {
namespace {

struct Cipher {
  std::string_view name;     ///< Go's, which is IANA's.
  std::string_view openssl;  ///< Empty: TLS 1.3, the same name.
};

// Those that Go's tls.CipherSuites() returns: the ones without known weaknesses.
constexpr Cipher kCiphers[] = {
    {"TLS_AES_128_GCM_SHA256", ""},
    {"TLS_AES_256_GCM_SHA384", ""},
    {"TLS_CHACHA20_POLY1305_SHA256", ""},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", "ECDHE-ECDSA-AES128-SHA"},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA", "ECDHE-ECDSA-AES256-SHA"},
    {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "ECDHE-RSA-AES128-SHA"},
    {"TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA", "ECDHE-RSA-AES256-SHA"},
    {"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"},
    {"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384", "ECDHE-ECDSA-AES256-GCM-SHA384"},
    {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"},
    {"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "ECDHE-RSA-AES256-GCM-SHA384"},
    {"TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"},
    {"TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-RSA-CHACHA20-POLY1305"},
};

constexpr std::pair<std::string_view, std::string_view> kCurves[] = {
    {"CurveP256", "P-256"}, {"CurveP384", "P-384"}, {"CurveP521", "P-521"}, {"X25519", "X25519"}};

[[noreturn]] void fail_unknown(const Value& value, const std::vector<std::string_view>& known) {
  const std::string_view meant = nearest(value.text, known);
  if (!meant.empty()) fail(value.origin, fmt::format("\"{}\" is not known; did you mean {}?", value.text, meant));
  std::string list;
  for (const std::string_view each : known) list += fmt::format("{}{}", list.empty() ? "" : ", ", each);
  fail(value.origin, fmt::format("\"{}\" is not known; it is one of {}", value.text, list));
}

std::string read_source(const PemSource& source, const ReadPem& read) {
  return source.path.empty() ? source.text : read(source.origin, source.path);
}

const PemSource& source_at_fault(const TlsFault& fault, const WebTlsSources& sources) {
  if (fault.id == "tls.ca_file") return sources.client_ca;
  return fault.id == "tls.cert_file" ? sources.certificate : sources.key;
}

}  // namespace

void read_pem(WebTls& tls, const WebTlsSources& sources, const ReadPem& read) {
  tls.certificate = read_source(sources.certificate, read);
  tls.key = read_source(sources.key, read);
  tls.client_ca = read_source(sources.client_ca, read);
  const auto fault = find_tls_fault({tls.client_ca, tls.certificate, tls.key, ""});
  if (!fault) return;
  const PemSource& source = source_at_fault(*fault, sources);
  const std::string_view subject = source.path.empty() ? "the text" : std::string_view(source.path);
  std::string message = fault->message;
  const std::string_view other = "tls.cert_file";
  if (const size_t at = message.find(other); at != message.npos)
    message.replace(at, other.size(), sources.certificate.origin.name);
  if (fault->needs_passphrase) message = "is encrypted, which is not supported here; decrypt it with openssl pkey";
  fail(source.origin, fmt::format("{} {}", subject, message));
}

ClientAuth to_client_auth(const Value& value) {
  if (value.text.empty() || value.text == "NoClientCert") return ClientAuth::kNone;
  if (value.text == "RequestClientCert") return ClientAuth::kRequest;
  if (value.text == "RequireAnyClientCert" || value.text == "RequireClientCert") return ClientAuth::kRequireAny;
  if (value.text == "VerifyClientCertIfGiven") return ClientAuth::kVerifyIfGiven;
  if (value.text == "RequireAndVerifyClientCert") return ClientAuth::kRequireAndVerify;
  fail_unknown(value, {"NoClientCert", "RequestClientCert", "RequireAnyClientCert", "VerifyClientCertIfGiven",
                       "RequireAndVerifyClientCert"});
}

TlsVersion to_tls_version(const Value& value) {
  constexpr std::pair<std::string_view, TlsVersion> kVersions[] = {
      {"TLS10", TlsVersion::k10}, {"TLS11", TlsVersion::k11}, {"TLS12", TlsVersion::k12}, {"TLS13", TlsVersion::k13}};
  for (const auto& [name, version] : kVersions)
    if (name == value.text) return version;
  fail_unknown(value, {"TLS10", "TLS11", "TLS12", "TLS13"});
}

void add_cipher(WebTls& tls, const Value& value) {
  std::vector<std::string_view> names;
  for (const auto& [name, openssl] : kCiphers) {
    if (name == value.text) {
      (openssl.empty() ? tls.ciphersuites : tls.ciphers).emplace_back(openssl.empty() ? name : openssl);
      return;
    }
    names.push_back(name);
  }
  fail_unknown(value, names);
}

std::string to_group(const Value& value) {
  std::vector<std::string_view> names;
  for (const auto& [name, openssl] : kCurves) {
    if (name == value.text) return std::string(openssl);
    names.push_back(name);
  }
  fail_unknown(value, names);
}

bool is_bcrypt(const std::string& hash) {
  constexpr std::string_view kAlphabet = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  if (hash.size() != 60 || !hash.starts_with("$2") || hash[3] != '$' || hash[6] != '$') return false;
  if (std::string_view("aby").find(hash[2]) == std::string_view::npos) return false;
  if (hash.find_first_not_of("0123456789", 4) != 6) return false;
  const int cost = (hash[4] - '0') * 10 + hash[5] - '0';
  return cost >= 4 && cost <= 31 && hash.find_first_not_of(kAlphabet, 7) == hash.npos;
}

}  // namespace kafkascope::config
