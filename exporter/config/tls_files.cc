#include "config/tls_files.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include <memory>

#include "model/deleter.h"

namespace kafkascope::config {
namespace {

using model::Deleter;

using Bio = std::unique_ptr<BIO, Deleter<BIO_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Deleter<EVP_PKEY_free>>;
using Pkcs12 = std::unique_ptr<PKCS12, Deleter<PKCS12_free>>;

Bio reader(std::string_view content) { return Bio(BIO_new_mem_buf(content.data(), static_cast<int>(content.size()))); }

/// Returns why a file is not PEM; empty: it is.
std::string not_pem(std::string_view content) {
  const size_t begin = content.find("-----BEGIN ");
  if (begin != content.npos) {
    const size_t end = content.find("-----", begin + 11);
    const size_t after = end == content.npos ? end : content.find_first_not_of("- \t", end);
    if (after != content.npos && (content[after] == '\n' || content[after] == '\r')) return {};
    return "has no line breaks: a PEM file has one after the BEGIN line and after every 64 characters";
  }
  if (content.starts_with("\xfe\xed\xfe\xed") || content.starts_with("\xce\xce\xce\xce"))
    return "is a Java keystore; convert it with keytool -importkeystore -deststoretype PKCS12, then with "
           "openssl pkcs12 -nodes, to PEM";
  if (content.starts_with('\x30')) {
    const Bio bio = reader(content);
    if (Pkcs12(d2i_PKCS12_bio(bio.get(), nullptr)))
      return "is a PKCS#12 file; convert it to PEM: openssl pkcs12 -in FILE -nodes -out NEW.pem";
    return "is a DER file; convert it to PEM: openssl x509 (or pkey) -inform DER -in FILE -out NEW.pem";
  }
  return "is not a PEM file";
}

bool has(std::string_view content, std::string_view what) {
  for (size_t at = 0; (at = content.find("-----BEGIN ", at)) != content.npos; ++at)
    if (content.substr(at, content.find('\n', at) - at).find(what) != content.npos) return true;
  return false;
}

Certificate read_certificate(std::string_view content) {
  const Bio bio = reader(content);
  return Certificate(PEM_read_bio_X509_AUX(bio.get(), nullptr, nullptr, nullptr));
}

Key read_key(std::string_view content, std::string passphrase) {
  // Without a callback OpenSSL would ask the terminal. An empty passphrase is none.
  const auto callback = [](char* buffer, int size, int, void* opaque) {
    const auto& text = *static_cast<std::string*>(opaque);
    return text.empty() ? -1 : static_cast<int>(text.copy(buffer, static_cast<size_t>(size)));
  };
  const Bio bio = reader(content);
  return Key(PEM_read_bio_PrivateKey(bio.get(), nullptr, callback, &passphrase));
}

bool is_encrypted(std::string_view key) {
  return has(key, "ENCRYPTED") || key.find("Proc-Type: 4,ENCRYPTED") != key.npos;
}

std::optional<TlsFault> find_certificate_fault(std::string_view id, std::string_view content) {
  if (content.empty()) return {};
  if (std::string why = not_pem(content); !why.empty()) return TlsFault{id, std::move(why)};
  if (!has(content, "CERTIFICATE")) {
    if (has(content, "PRIVATE KEY"))
      return TlsFault{id, "contains a private key but no certificate; give a certificate"};
    return TlsFault{id, "contains no certificate"};
  }
  if (!read_certificate(content)) return TlsFault{id, "contains a damaged certificate"};
  return {};
}

std::optional<TlsFault> find_key_fault(const TlsFiles& files) {
  const std::string_view id = "tls.key_file";
  if (files.key.empty()) return {};
  if (std::string why = not_pem(files.key); !why.empty()) return TlsFault{id, std::move(why)};
  if (!has(files.key, "PRIVATE KEY")) {
    if (has(files.key, "CERTIFICATE")) return TlsFault{id, "contains a certificate but no private key; give the key"};
    return TlsFault{id, "contains no private key"};
  }
  const Key key = read_key(files.key, files.passphrase);
  if (!key && is_encrypted(files.key)) {
    if (files.passphrase.empty()) return TlsFault{id, "is encrypted, which requires a passphrase", true};
    return TlsFault{"tls.key_password", "is not the passphrase of the private key"};
  }
  if (!key) return TlsFault{id, "contains a damaged private key"};
  const Certificate certificate = read_certificate(files.certificate);
  if (certificate && X509_check_private_key(certificate.get(), key.get()) != 1)
    return TlsFault{id, "belongs to another certificate than that of tls.cert_file"};
  return {};
}

}  // namespace

std::optional<TlsFault> find_tls_fault(const TlsFiles& files) {
  auto fault = find_certificate_fault("tls.ca_file", files.ca);
  if (!fault) fault = find_certificate_fault("tls.cert_file", files.certificate);
  if (!fault) fault = find_key_fault(files);
  ERR_clear_error();
  return fault;
}

}  // namespace kafkascope::config
