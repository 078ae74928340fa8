#include "zookeeper/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace kafkascope::zookeeper {
namespace {

bool is_ip_address(const std::string& host) {
  in6_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1 || inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

void check(bool success, const std::string& what) {
  if (!success) throw std::runtime_error(what + ": " + last_tls_error());
}

}  // namespace

TlsContext::TlsContext(const config::ZooKeeperTls& tls)
    : verify_server_name_(tls.verify_server_name), context_(SSL_CTX_new(TLS_client_method())) {
  SSL_CTX* const context = context_.get();
  check(context, "TLS");
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);  // the end of an answer is in the answer itself
  if (tls.ca_file.empty())
    check(SSL_CTX_set_default_verify_paths(context) == 1, "system trust store");
  else
    check(SSL_CTX_load_verify_locations(context, tls.ca_file.c_str(), nullptr) == 1, tls.ca_file);
  if (tls.cert_file.empty()) return;
  check(SSL_CTX_use_certificate_chain_file(context, tls.cert_file.c_str()) == 1, tls.cert_file);
  check(SSL_CTX_use_PrivateKey_file(context, tls.key_file.c_str(), SSL_FILETYPE_PEM) == 1, tls.key_file);
}

TlsSession TlsContext::connect(int socket, const std::string& host) const {
  TlsSession session(SSL_new(context_.get()));
  check(session != nullptr, "TLS");
  check(SSL_set_fd(session.get(), socket) == 1, "TLS");
  const bool by_address = is_ip_address(host);
  if (!by_address) SSL_set_tlsext_host_name(session.get(), host.c_str());
  if (!verify_server_name_) return session;
  X509_VERIFY_PARAM* const expected = SSL_get0_param(session.get());
  check((by_address ? X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str())
                    : X509_VERIFY_PARAM_set1_host(expected, host.c_str(), 0)) == 1,
        host);
  return session;
}

std::string last_tls_error() {
  const unsigned long code = ERR_peek_last_error();
  ERR_clear_error();
  const char* const reason = code ? ERR_reason_error_string(code) : nullptr;
  return reason ? reason : "";
}

}  // namespace kafkascope::zookeeper
