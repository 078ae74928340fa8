#include "zookeeper/connection.h"

#include <openssl/err.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>
#include <vector>

#include "zookeeper/error.h"

namespace kafkascope::zookeeper {

using model::Descriptor;
using model::Reason;
using std::chrono::steady_clock;

namespace {

std::string error_text(int error) {
  std::array<char, 200> buffer{};
  return strerror_r(error, buffer.data(), buffer.size());
}

/// Connects to one address. Throws an Error.
Descriptor connect_to(const Address& address, const Limits& limits) {
  Descriptor socket(::socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (socket.fd() < 0) fail(Reason::kOther, "socket: " + error_text(errno));
  if (::connect(socket.fd(), address.get(), address.size) == 0) return socket;
  if (errno != EINPROGRESS) fail(Reason::kUnreachable, "cannot connect: " + error_text(errno));
  wait(socket.fd(), POLLOUT, limits, "connection");
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(socket.fd(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) fail(Reason::kUnreachable, "cannot connect: " + error_text(error));
  return socket;
}

/// Connects to the first address that can be reached. Each has an equal share of the time that is left.
Descriptor connect_to_any(const std::vector<Address>& addresses, const Limits& limits) {
  for (size_t i = 0;; ++i) {
    const auto now = steady_clock::now();
    const auto share = (limits.deadline - now) / static_cast<int>(addresses.size() - i);
    try {
      return connect_to(addresses[i], limits.until(now + share));
    } catch (const Error&) {
      if (i + 1 == addresses.size()) throw;
    }
  }
}

/// Bytes to and from a server, with or without TLS.
class Stream {
 public:
  Stream(Descriptor socket, const TlsContext* tls, const std::string& host, const Limits& limits)
      : socket_(std::move(socket)), limits_(limits) {
    if (!tls) return;
    session_ = tls->connect(socket_.fd(), host);
    run("TLS handshake", [&] { return SSL_connect(session_.get()); });
  }

  void write(std::string_view bytes) {
    while (!bytes.empty()) {
      const size_t written =
          session_
              ? run("answer", [&] { return SSL_write(session_.get(), bytes.data(), static_cast<int>(bytes.size())); })
              : run_plain(POLLOUT, [&] { return send(socket_.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL); });
      bytes.remove_prefix(written);
    }
  }

  /// Appends some bytes to the text. Returns false at the end.
  bool read(std::string& text) {
    const size_t size =
        session_
            ? run("answer", [&] { return SSL_read(session_.get(), buffer_.data(), static_cast<int>(buffer_.size())); })
            : run_plain(POLLIN, [&] { return recv(socket_.fd(), buffer_.data(), buffer_.size(), 0); });
    text.append(buffer_.data(), size);
    return size > 0;
  }

 private:
  template <class Call>
  size_t run_plain(short events, const Call& call) {
    while (true) {
      const ssize_t size = call();
      if (size >= 0) return static_cast<size_t>(size);
      if (errno == EAGAIN || errno == EWOULDBLOCK)
        wait(socket_.fd(), events, limits_, "answer");
      else if (errno != EINTR)
        fail(Reason::kUnreachable, "connection lost: " + error_text(errno));
    }
  }

  /// Calls a function of OpenSSL until it has done something. Returns 0 at the end of the connection.
  template <class Call>
  size_t run(std::string_view what, const Call& call) {
    while (true) {
      ERR_clear_error();
      const int result = call();
      if (result > 0) return static_cast<size_t>(result);
      const int error = errno;
      switch (SSL_get_error(session_.get(), result)) {
        case SSL_ERROR_WANT_READ:
          wait(socket_.fd(), POLLIN, limits_, what);
          break;
        case SSL_ERROR_WANT_WRITE:
          wait(socket_.fd(), POLLOUT, limits_, what);
          break;
        case SSL_ERROR_ZERO_RETURN:
          if (SSL_is_init_finished(session_.get())) return 0;
          fail_handshake("the server closed the connection");
        case SSL_ERROR_SYSCALL:
          fail_handshake(error ? error_text(error) : "the server closed the connection");
        default:
          fail_handshake(last_tls_error());
      }
    }
  }

  [[noreturn]] void fail_handshake(const std::string& why) const {
    if (const long verified = SSL_get_verify_result(session_.get()); verified != X509_V_OK) {
      const bool other_name = verified == X509_V_ERR_HOSTNAME_MISMATCH || verified == X509_V_ERR_IP_ADDRESS_MISMATCH;
      fail(Reason::kTls, std::string("TLS: certificate verify failed: ") + X509_verify_cert_error_string(verified),
           other_name ? "give the server by a name that its certificate has, or set tls.verify_server_name: false"
                      : "tls.ca_file must contain the CA that signed the server's certificate");
    }
    const bool rejected = why.find("alert") != why.npos;  // by the server
    if (rejected || SSL_is_init_finished(session_.get()))
      fail(Reason::kTls, "TLS: " + why, "the server may require a client certificate: set tls.cert_file and key_file");
    fail(Reason::kTls, "TLS: " + why, "the port may not be secureClientPort");
  }

  Descriptor socket_;  // outlives the session
  TlsSession session_;
  const Limits& limits_;
  std::array<char, 16384> buffer_;
};

}  // namespace

std::string ask(const std::string& host, Resolver& resolver, const TlsContext* tls, std::string_view word,
                const Limits& limits) {
  Stream stream(connect_to_any(resolver.resolve(limits), limits), tls, host, limits);
  stream.write(word);
  std::string answer;
  try {
    while (stream.read(answer))
      if (answer.size() > kMaxAnswerBytes) fail(Reason::kProtocol, "the answer is larger than 1 MiB");
  } catch (const Error& error) {
    model::Failure failure = error.failure();
    if (failure.reason != Reason::kTimeout || !answer.empty() || tls) throw;
    // A TLS port waits for the rest of what it takes for the beginning of a handshake.
    failure.hint = "the server hangs, or its port requires TLS";
    throw Error(std::move(failure));
  }
  if (answer.empty())
    fail(Reason::kProtocol, "the server closed the connection without an answer", "maxClientCnxns may be reached");
  return answer;
}

}  // namespace kafkascope::zookeeper
