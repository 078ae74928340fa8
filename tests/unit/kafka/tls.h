#pragma once

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>

#include <catch2/catch_test_macros.hpp>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kafkascope::kafka {

struct TlsDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* connection) const { SSL_free(connection); }
};

/// A server's side of TLS, with a chain of certificates that nobody has signed. `expiries`: Unix times in seconds, the
/// server's own first.
inline std::unique_ptr<SSL_CTX, TlsDeleter> make_tls_server(const std::vector<time_t>& expiries) {
  std::unique_ptr<SSL_CTX, TlsDeleter> context(SSL_CTX_new(TLS_server_method()));
  EVP_PKEY* key = EVP_EC_gen("P-256");
  for (size_t i = 0; i < expiries.size(); ++i) {
    X509* certificate = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    ASN1_TIME_set(X509_getm_notAfter(certificate), expiries[i]);
    X509_set_pubkey(certificate, key);
    REQUIRE(X509_sign(certificate, key, EVP_sha256()));
    if (i > 0) {
      REQUIRE(SSL_CTX_add_extra_chain_cert(context.get(), certificate) == 1);  // takes it
      continue;
    }
    REQUIRE(SSL_CTX_use_certificate(context.get(), certificate) == 1);
    X509_free(certificate);
  }
  REQUIRE(SSL_CTX_use_PrivateKey(context.get(), key) == 1);
  EVP_PKEY_free(key);
  return context;
}

/// What a socket carries: plain text, or TLS. Does not own the socket.
class Stream {
 public:
  /// `server`: null for plain text.
  Stream(int socket, SSL_CTX* server) : socket_(socket), tls_(server ? SSL_new(server) : nullptr) {
    if (!tls_) return;
    SSL_set_fd(tls_.get(), socket);
    SSL_set_accept_state(tls_.get());
  }

  /// Appends what has arrived. Returns false when the connection has ended.
  bool receive(std::string& bytes) {
    char buffer[65536];
    if (!tls_) {
      const ssize_t n = recv(socket_, buffer, sizeof(buffer), MSG_DONTWAIT);
      if (n > 0) bytes.append(buffer, static_cast<size_t>(n));
      return n > 0;
    }
    int n;
    while ((n = SSL_read(tls_.get(), buffer, sizeof(buffer))) > 0) bytes.append(buffer, static_cast<size_t>(n));
    return SSL_get_error(tls_.get(), n) == SSL_ERROR_WANT_READ;
  }

  bool send(std::string_view bytes) {
    const auto size = static_cast<ssize_t>(bytes.size());
    if (!tls_) return ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == size;
    return SSL_write(tls_.get(), bytes.data(), static_cast<int>(size)) == size;
  }

 private:
  int socket_;
  std::unique_ptr<SSL, TlsDeleter> tls_;
};

}  // namespace kafkascope::kafka
