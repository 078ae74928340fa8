#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "model/deleter.h"
#include "temporary_folder.h"
#include "web/client.h"

namespace kafkascope::web {

using model::Deleter;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;

/// A private key and its certificate.
struct Identity {
  Key key;
  Certificate certificate;

  std::string key_pem() const {
    return write([&](BIO* to) { PEM_write_bio_PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr, nullptr); });
  }
  std::string certificate_pem() const {
    return write([&](BIO* to) { PEM_write_bio_X509(to, certificate.get()); });
  }

 private:
  template <class Body>
  static std::string write(const Body& body) {
    const std::unique_ptr<BIO, Deleter<BIO_free>> to(BIO_new(BIO_s_mem()));
    body(to.get());
    char* text = nullptr;
    const auto size = static_cast<size_t>(BIO_get_mem_data(to.get(), &text));
    return {text, size};
  }
};

/// Returns a new key with a certificate for `name`, signed by `issuer` or by itself. `names`: alternative names in
/// OpenSSL's notation, such as DNS:a,IP:127.0.0.1.
inline Identity make_identity(const std::string& name, const Identity* issuer = nullptr,
                              const std::string& names = "") {
  Identity result{Key(EVP_EC_gen("P-256")), Certificate(X509_new())};
  X509* certificate = result.certificate.get();
  static long serial = 0;
  X509_set_version(certificate, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
  X509_set_pubkey(certificate, result.key.get());
  X509_NAME* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1,
                             0);
  X509_set_issuer_name(certificate, issuer ? X509_get_subject_name(issuer->certificate.get()) : subject);
  const auto extend = [&](int id, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, id, value.c_str());
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  };
  if (!issuer) extend(NID_basic_constraints, "critical,CA:TRUE");
  if (!names.empty()) extend(NID_subject_alt_name, names);
  X509_sign(certificate, issuer ? issuer->key.get() : result.key.get(), EVP_sha256());
  return result;
}

/// A temporary file with a self-signed certificate and its key.
class TestCertificate {
 public:
  const std::string& path() const { return path_; }

 private:
  const Identity identity_ = make_identity("localhost");
  const TemporaryFolder folder_;
  const std::string path_ = folder_.write("server.pem", identity_.certificate_pem() + identity_.key_pem());
};

/// A TLS client. Verifies nothing.
class TlsClient {
 public:
  explicit TlsClient(const Identity* identity = nullptr) {
    if (!identity) return;
    SSL_CTX_use_certificate(context(), identity->certificate.get());
    SSL_CTX_use_PrivateKey(context(), identity->key.get());
  }

  SSL_CTX* context() const { return context_.get(); }

  /// Returns the complete response to `request` on one connection. Throws if the handshake fails or if the server
  /// closes the connection without a response. `reuse`: resume the session of the previous call.
  std::string request(int port, std::string_view request, bool reuse = false) {
    const Connection connection(port);
    const std::unique_ptr<SSL, Deleter<SSL_free>> tls(SSL_new(context()));
    SSL_set_fd(tls.get(), connection.fd());
    if (reuse) SSL_set_session(tls.get(), session_.get());
    if (SSL_connect(tls.get()) != 1) throw std::runtime_error("the TLS handshake failed");
    SSL_write(tls.get(), request.data(), static_cast<int>(request.size()));
    std::string result;
    char buffer[16 * 1024];
    for (int size; (size = SSL_read(tls.get(), buffer, sizeof(buffer))) > 0;) result.append(buffer, size);
    if (result.empty()) throw std::runtime_error("no response");
    resumed_ = SSL_session_reused(tls.get()) == 1;
    session_.reset(SSL_get1_session(tls.get()));
    SSL_shutdown(tls.get());  // otherwise OpenSSL does not resume the session
    cipher_ = SSL_get_cipher_name(tls.get());
    version_ = SSL_get_version(tls.get());
    peer_.reset(SSL_get1_peer_certificate(tls.get()));
    return result;
  }

  // About the last connection.
  bool resumed() const { return resumed_; }
  const std::string& cipher() const { return cipher_; }
  const std::string& version() const { return version_; }
  const X509* peer() const { return peer_.get(); }

 private:
  const std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>> context_{SSL_CTX_new(TLS_client_method())};
  std::unique_ptr<SSL_SESSION, Deleter<SSL_SESSION_free>> session_;
  Certificate peer_;
  bool resumed_ = false;
  std::string cipher_, version_;
};

inline constexpr std::string_view kGetHealth = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

/// Returns the complete response to `request` on one TLS connection.
inline std::string over_tls(int port, std::string_view request) { return TlsClient().request(port, request); }

}  // namespace kafkascope::web
