#include "endpoint/endpoint.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <memory>
#include <utility>

#include "config/properties.h"
#include "config/value.h"
#include "model/deleter.h"
#include "model/descriptor.h"

namespace kafkascope::endpoint {

using model::Descriptor;

namespace {

using Addresses = std::unique_ptr<addrinfo, model::Deleter<freeaddrinfo>>;
using Context = std::unique_ptr<SSL_CTX, model::Deleter<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, model::Deleter<SSL_free>>;
using Bio = std::unique_ptr<BIO, model::Deleter<BIO_free_all>>;

Addresses resolve(const std::string& address, model::Endpoint& to) {
  const std::string host = config::host_of(address), port = address.substr(address.rfind(':') + 1);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found)) {
    to.resolve_error = gai_strerror(error);
    return nullptr;
  }
  Addresses addresses(found);
  for (const addrinfo* each = found; each; each = each->ai_next) {
    std::array<char, NI_MAXHOST> text{};
    if (getnameinfo(each->ai_addr, each->ai_addrlen, text.data(), text.size(), nullptr, 0, NI_NUMERICHOST) == 0)
      to.ips.emplace_back(text.data());
  }
  return addresses;
}

/// Returns 0 or an errno.
int connect_to(int fd, const addrinfo& address, std::chrono::milliseconds timeout) {
  fcntl(fd, F_SETFL, O_NONBLOCK);
  if (connect(fd, address.ai_addr, address.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  pollfd event{fd, POLLOUT, 0};
  if (poll(&event, 1, static_cast<int>(timeout.count())) <= 0) return ETIMEDOUT;
  int error = 0;
  socklen_t size = sizeof(error);
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

/// Connects to the first address that accepts.
Descriptor connect_to_any(const addrinfo* addresses, std::chrono::milliseconds timeout, std::string& why) {
  for (const addrinfo* each = addresses; each; each = each->ai_next) {
    Descriptor socket(::socket(each->ai_family, each->ai_socktype | SOCK_CLOEXEC, 0));
    const int error = socket.fd() < 0 ? errno : connect_to(socket.fd(), *each, timeout);
    if (error == 0) {
      why.clear();
      return socket;
    }
    why = strerror(error);
  }
  return Descriptor(-1);
}

void load_trust(SSL_CTX* context, const config::Cluster& cluster) {
  const std::string location = config::property(cluster, "ssl.ca.location");
  if (location.empty() || location == "probe") {
    SSL_CTX_set_default_verify_paths(context);
    return;
  }
  struct stat info {};
  const bool is_folder = stat(location.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
  SSL_CTX_load_verify_locations(context, is_folder ? nullptr : location.c_str(),
                                is_folder ? location.c_str() : nullptr);
}

std::string text(const X509_NAME* name) {
  const Bio out(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_ONELINE & ~XN_FLAG_SPC_EQ & ~ASN1_STRFLGS_ESC_MSB);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(out.get(), &data);
  return {data, static_cast<size_t>(size)};
}

int64_t expiry(const X509* certificate) {
  tm time{};
  return ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &time) == 1 ? timegm(&time) : 0;
}

bool is_for(X509* certificate, const std::string& host) {
  return X509_check_ip_asc(certificate, host.c_str(), 0) == 1 ||
         X509_check_host(certificate, host.c_str(), host.size(), 0, nullptr) == 1;
}

/// Waits until the session can go on. Returns false on timeout.
bool wait(SSL* session, int fd, int result, std::chrono::milliseconds timeout) {
  const int want = SSL_get_error(session, result);
  if (want != SSL_ERROR_WANT_READ && want != SSL_ERROR_WANT_WRITE) return false;
  pollfd event{fd, static_cast<short>(want == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT), 0};
  return poll(&event, 1, static_cast<int>(timeout.count())) > 0;
}

std::string last_error() {
  const unsigned long code = ERR_peek_last_error();
  const char* const reason = code ? ERR_reason_error_string(code) : nullptr;
  return reason ? reason : "the server closed the connection or did not answer";
}

void inspect_tls(int fd, const std::string& host, const config::Cluster& cluster, std::chrono::milliseconds timeout,
                 model::Endpoint& to) {
  const Context context(SSL_CTX_new(TLS_client_method()));
  if (!context) return;
  load_trust(context.get(), cluster);
  // The handshake goes on with an untrusted chain; the fault is in the result.
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  const Session session(SSL_new(context.get()));
  in6_addr ip{};
  if (inet_pton(AF_INET, host.c_str(), &ip) != 1 && inet_pton(AF_INET6, host.c_str(), &ip) != 1)
    SSL_set_tlsext_host_name(session.get(), host.c_str());
  SSL_set_fd(session.get(), fd);
  ERR_clear_error();
  const auto end = std::chrono::steady_clock::now() + timeout;
  int result = SSL_connect(session.get());
  while (result != 1 && std::chrono::steady_clock::now() < end && wait(session.get(), fd, result, timeout))
    result = SSL_connect(session.get());
  STACK_OF(X509)* const chain = SSL_get_peer_cert_chain(session.get());
  if (!chain || sk_X509_num(chain) == 0) {
    to.tls_error = last_error();
    return;
  }
  model::TlsFacts& facts = to.tls.emplace();
  facts.version = SSL_get_version(session.get());
  for (int i = 0; i < sk_X509_num(chain); ++i) {
    const X509* certificate = sk_X509_value(chain, i);
    facts.chain.push_back(
        {text(X509_get_subject_name(certificate)), text(X509_get_issuer_name(certificate)), expiry(certificate)});
  }
  if (const long verified = SSL_get_verify_result(session.get()); verified != X509_V_OK)
    facts.fault = X509_verify_cert_error_string(verified);
  facts.name_matches = is_for(sk_X509_value(chain, 0), host);
}

}  // namespace

model::Endpoint inspect(const std::string& address, const std::string& origin, const config::Cluster& cluster,
                        std::chrono::milliseconds timeout) {
  model::Endpoint result{.address = address, .origin = origin};
  const Addresses addresses = resolve(address, result);
  if (!addresses) return result;
  const Descriptor socket = connect_to_any(addresses.get(), timeout, result.connect_error);
  if (socket.fd() >= 0 && config::uses_tls(cluster))
    inspect_tls(socket.fd(), config::host_of(address), cluster, timeout, result);
  return result;
}

}  // namespace kafkascope::endpoint
