#include "web/tls_context.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <array>
#include <new>
#include <stdexcept>
#include <string_view>

#include "model/deleter.h"

namespace kafkascope::web {
namespace {

using config::ClientAuth;
using model::Deleter;

using Bio = std::unique_ptr<BIO, Deleter<BIO_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;

// Tickets are valid this long. Short, because a resumed session is not verified again.
constexpr long kSessionSeconds = 3600;

int version_number(config::TlsVersion version) {
  constexpr int kNumbers[] = {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION};
  return kNumbers[static_cast<size_t>(version)];
}

std::vector<Certificate> read_certificates(std::string_view pem) {
  const Bio bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::vector<Certificate> result;
  while (X509* certificate = PEM_read_bio_X509_AUX(bio.get(), nullptr, nullptr, nullptr))
    result.emplace_back(certificate);
  ERR_clear_error();  // the end of the text
  return result;
}

std::string to_string(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)), static_cast<size_t>(ASN1_STRING_length(text))};
}

std::string to_address(const ASN1_STRING* bytes) {
  const int family = ASN1_STRING_length(bytes) == 4 ? AF_INET : AF_INET6;
  if (family == AF_INET6 && ASN1_STRING_length(bytes) != 16) return {};
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(family, ASN1_STRING_get0_data(bytes), text.data(), text.size());
  return text.data();
}

}  // namespace

void FreeTls::operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
void FreeTls::operator()(SSL* session) const { SSL_free(session); }

TlsContext::TlsContext(const config::WebTls& tls) : config_(tls), context_(SSL_CTX_new(TLS_server_method())) {
  if (!context_) throw std::bad_alloc();
  ERR_clear_error();
  SSL_CTX* context = context_.get();
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  if (tls.prefer_server_ciphers) SSL_CTX_set_options(context, SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context,
                   SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
  set_versions_and_ciphers();
  set_certificate();
  set_client_auth();
  // Sessions are resumed by tickets, which cost no memory here. Their key belongs to this context.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_timeout(context, kSessionSeconds);
  std::array<unsigned char, 16> id{};
  check(RAND_bytes(id.data(), id.size()) == 1, "random numbers");
  check(SSL_CTX_set_session_id_context(context, id.data(), id.size()) == 1, "session id");
}

void TlsContext::check(bool success, const char* what) const {
  if (success) return;
  std::array<char, 256> reason{};
  ERR_error_string_n(ERR_get_error(), reason.data(), reason.size());
  ERR_clear_error();
  throw std::runtime_error(fmt::format("OpenSSL rejects the {} of the web configuration: {}", what, reason.data()));
}

void TlsContext::set_versions_and_ciphers() {
  SSL_CTX* context = context_.get();
  // Below TLS 1.2 only SHA-1 signatures exist, which higher levels exclude.
  if (config_.min_version < config::TlsVersion::k12) SSL_CTX_set_security_level(context, 0);
  // Without ciphers of TLS 1.2, as in Go, there is no TLS 1.2.
  const bool only_13 = config_.ciphers.empty() && !config_.ciphersuites.empty();
  const auto minimum = only_13 ? config::TlsVersion::k13 : config_.min_version;
  check(SSL_CTX_set_min_proto_version(context, version_number(minimum)) == 1, "min_version");
  check(SSL_CTX_set_max_proto_version(context, version_number(config_.max_version)) == 1, "max_version");
  if (!config_.ciphers.empty()) {
    const std::string list = fmt::format("{}", fmt::join(config_.ciphers, ":"));
    check(SSL_CTX_set_cipher_list(context, list.c_str()) == 1, "cipher_suites");
  }
  if (!config_.ciphersuites.empty()) {
    const std::string list = fmt::format("{}", fmt::join(config_.ciphersuites, ":"));
    check(SSL_CTX_set_ciphersuites(context, list.c_str()) == 1, "cipher_suites");
  }
  if (!config_.groups.empty()) {
    const std::string list = fmt::format("{}", fmt::join(config_.groups, ":"));
    check(SSL_CTX_set1_groups_list(context, list.c_str()) == 1, "curve_preferences");
  }
}

void TlsContext::set_certificate() {
  SSL_CTX* context = context_.get();
  std::vector<Certificate> chain = read_certificates(config_.certificate);
  check(!chain.empty() && SSL_CTX_use_certificate(context, chain.front().get()) == 1, "certificate");
  for (size_t i = 1; i < chain.size(); ++i) {
    check(SSL_CTX_add1_chain_cert(context, chain[i].get()) == 1, "certificate chain");
  }
  const auto no_passphrase = [](char*, int, int, void*) { return -1; };  // otherwise OpenSSL asks the terminal
  const Bio bio(BIO_new_mem_buf(config_.key.data(), static_cast<int>(config_.key.size())));
  const Key key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr));
  check(key && SSL_CTX_use_PrivateKey(context, key.get()) == 1 && SSL_CTX_check_private_key(context) == 1,
        "private key");
}

void TlsContext::set_client_auth() {
  SSL_CTX* context = context_.get();
  if (config_.client_auth == ClientAuth::kNone) return;
  int mode = SSL_VERIFY_PEER;
  // A list of allowed names would be pointless if a client could leave its certificate out.
  const bool required = config_.client_auth == ClientAuth::kRequireAny ||
                        config_.client_auth == ClientAuth::kRequireAndVerify || !config_.client_allowed_sans.empty();
  if (required) mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  SSL_CTX_set_verify(context, mode, nullptr);
  SSL_CTX_set_cert_verify_callback(context, &TlsContext::verify, this);
  if (config_.client_ca.empty()) {
    check(SSL_CTX_set_default_verify_paths(context) == 1, "system trust store");
    return;
  }
  // As in Go, each of these certificates is trusted by itself, also one of a client or an intermediate CA.
  X509_STORE_set_flags(SSL_CTX_get_cert_store(context), X509_V_FLAG_PARTIAL_CHAIN);
  const std::vector<Certificate> authorities = read_certificates(config_.client_ca);
  check(!authorities.empty(), "client CA");
  for (const Certificate& authority : authorities) {
    check(X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get()) == 1, "client CA");
    check(SSL_CTX_add_client_CA(context, authority.get()) == 1, "client CA");
  }
}

int TlsContext::verify(X509_STORE_CTX* chain, void* self) {
  const config::WebTls& tls = static_cast<const TlsContext*>(self)->config_;
  const bool verifies =
      tls.client_auth == ClientAuth::kVerifyIfGiven || tls.client_auth == ClientAuth::kRequireAndVerify;
  if (verifies && X509_verify_cert(chain) != 1) return 0;
  if (!tls.client_allowed_sans.empty()) {
    const auto names = alternative_names(X509_STORE_CTX_get0_cert(chain));
    const auto& allowed = tls.client_allowed_sans;
    const bool found = std::find_first_of(names.begin(), names.end(), allowed.begin(), allowed.end()) != names.end();
    if (!found) {
      X509_STORE_CTX_set_error(chain, X509_V_ERR_CERT_REJECTED);
      return 0;
    }
  }
  X509_STORE_CTX_set_error(chain, X509_V_OK);
  return 1;
}

TlsSessionHandle TlsContext::accept(int fd) const {
  TlsSessionHandle session(SSL_new(context_.get()));
  if (!session || SSL_set_fd(session.get(), fd) != 1) throw std::bad_alloc();
  SSL_set_accept_state(session.get());
  return session;
}

std::vector<std::string> alternative_names(const X509* certificate) {
  const std::unique_ptr<GENERAL_NAMES, Deleter<GENERAL_NAMES_free>> names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  std::vector<std::string> result;
  for (int i = 0; names && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    int type = 0;
    const auto* value =
        static_cast<const ASN1_STRING*>(GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type));
    if (type == GEN_DNS || type == GEN_EMAIL || type == GEN_URI) result.push_back(to_string(value));
    if (type == GEN_IPADD) result.push_back(to_address(value));
  }
  return result;
}

}  // namespace kafkascope::web
