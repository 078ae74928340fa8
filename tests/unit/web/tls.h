#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "web/client.h"

namespace kafkascope::web {

template <auto Destroy>
struct Deleter {
  template <class T>
  void operator()(T* object) const noexcept {
    Destroy(object);
  }
};

/// A temporary file with a self-signed certificate and its key.
class TestCertificate {
 public:
  TestCertificate() {
    const std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>> key(EVP_EC_gen("P-256"));
    const std::unique_ptr<X509, Deleter<X509_free>> certificate(X509_new());
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_NAME* name = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"), -1, -1,
                               0);
    X509_set_issuer_name(certificate.get(), name);
    X509_sign(certificate.get(), key.get(), EVP_sha256());

    const int fd = mkstemp(path_.data());
    const std::unique_ptr<FILE, Deleter<fclose>> file(fdopen(fd, "w"));
    PEM_write_X509(file.get(), certificate.get());
    PEM_write_PrivateKey(file.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  }
  ~TestCertificate() { std::filesystem::remove(path_); }
  TestCertificate(const TestCertificate&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_ = (std::filesystem::temp_directory_path() / "kafkascope-XXXXXX").string();
};

/// Returns the complete response to `request` on one TLS connection.
inline std::string over_tls(int port, std::string_view request) {
  const std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>> context(SSL_CTX_new(TLS_client_method()));
  const std::unique_ptr<SSL, Deleter<SSL_free>> tls(SSL_new(context.get()));
  const Connection connection(port);
  SSL_set_fd(tls.get(), connection.fd());
  if (SSL_connect(tls.get()) != 1) throw std::runtime_error("the TLS handshake failed");
  SSL_write(tls.get(), request.data(), static_cast<int>(request.size()));
  std::string result;
  char buffer[16 * 1024];
  for (int size; (size = SSL_read(tls.get(), buffer, sizeof(buffer))) > 0;) result.append(buffer, size);
  return result;
}

}  // namespace kafkascope::web
