#include "web/server.h"

#include <civetweb.h>
#include <netinet/in.h>
#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>
#include <utility>

#include "web/accept_encoding.h"
#include "web/civetweb_door.h"
#include "web/gate.h"
#include "web/landing.h"

namespace kafkascope::web {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// As many clients may read their answer at a time. Each costs a thread: 256 KiB of address space, about 30 KiB of
// memory; it is started when so many are there for the first time. Slow ones are cut off, so that this is far more than
// a well-meant crowd of scrapers needs.
constexpr size_t kWorkers = 256;
// How long CivetWeb waits for a client: for the whole TLS handshake, and for the request behind it. Without TLS the
// request is there already (gate.h). Also for an answer to be taken, but that is tried again.
constexpr milliseconds kClientTimeout{2000};
// For the next request on the same connection. It holds a worker, and a new connection every scrape costs next to
// nothing.
constexpr milliseconds kKeepAliveTimeout{2000};
// An answer may take `base`, and then a second for each of these bytes that the client (or its kernel) has taken. Fifty
// scrapers are no crowd.
struct Patience {
  milliseconds base;
  uint64_t bytes_per_second;
};
constexpr Patience kPatience{milliseconds(5000), 1024 * 1024};
constexpr Patience kPatienceInCrowd{milliseconds(1000), 8 * 1024 * 1024};
// Answers are written in pieces of this size, and the time is looked at in between.
constexpr size_t kPieceBytes = 256 * 1024;
// Connections that the kernel holds until they are accepted, which happens at once.
constexpr int kBacklog = 1024;

constexpr size_t kMaxListeners = 64;

constexpr const char* kText = "text/plain; charset=utf-8";
constexpr const char* kHtml = "text/html; charset=utf-8";
constexpr const char* kPrometheusText = "text/plain; version=0.0.4; charset=utf-8";

// CivetWeb's global state, which it counts the users of.
class Library {
 public:
  Library() { mg_init_library(MG_FEATURES_TLS); }
  ~Library() { mg_exit_library(); }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
};

bool has_ipv6() {
  const Socket socket(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return socket.fd() >= 0;
}

// In CivetWeb's words: "+" is for IPv4 and IPv6, "s" for TLS.
std::string civetweb_address(const Listener& listener) {
  std::string result = listener.address;
  if (result.find_first_of(", ") != result.npos) {
    throw std::runtime_error(fmt::format("cannot listen on {}: one address is wanted, as host:port", result));
  }
  if (result.starts_with(':')) result = (has_ipv6() ? "+" : "") + result.substr(1);
  if (!listener.certificate_pem.empty()) result += "s";
  return result;
}

int port_of(int listening_fd) {
  sockaddr_storage address{};
  socklen_t length = sizeof(address);
  getsockname(listening_fd, reinterpret_cast<sockaddr*>(&address), &length);
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<const sockaddr_in6&>(address).sin6_port
                                             : reinterpret_cast<const sockaddr_in&>(address).sin_port);
}

// What a person can do about it.
std::string_view mend(int error) {
  switch (error) {
    case EADDRINUSE:
      return " (another program listens there: end it, or choose another port with --web.listen-address)";
    case EACCES:
      return " (ports below 1024 need a privilege: choose another one with --web.listen-address)";
    case EADDRNOTAVAIL:
      return " (this machine has no such address: --web.listen-address=:9308 stands for all that it has)";
    default:
      return "";
  }
}

std::string all_addresses(const std::vector<Listener>& listeners) {
  std::string result;
  for (const Listener& listener : listeners) result += (result.empty() ? "" : ", ") + listener.address;
  return result;
}

// CivetWeb's complaint "cannot bind to <address>: <errno> (<words>)", for the reader of our log.
std::string listen_error(const std::vector<Listener>& listeners, const std::vector<std::string>& complaints) {
  for (const std::string& complaint : complaints) {
    for (const Listener& listener : listeners) {
      const std::string address = civetweb_address(listener);
      const size_t at = complaint.find(address + ": ");
      if (at == complaint.npos) continue;
      const std::string_view reason = std::string_view(complaint).substr(at + address.size() + 2);
      int error = 0;
      std::from_chars(reason.data(), reason.data() + reason.size(), error);
      if (error != 0)
        return fmt::format("cannot listen on {}: {}{}", listener.address, std::strerror(error), mend(error));
      return fmt::format("cannot listen on {}: {}", listener.address, reason);
    }
  }
  return fmt::format("cannot listen on {}: {}", all_addresses(listeners),
                     complaints.empty() ? "no reason given" : complaints.front());
}

void log_failure(std::string_view doing, const char* reason) noexcept {
  try {
    spdlog::error("HTTP server: internal error: {}: {}", doing, reason);
  } catch (...) {  // spdlog itself handles std::exception only
  }
}

// Calls `body`, and logs what it throws. Every callback of CivetWeb does its work in here: an exception that reaches
// its C functions ends the process. Returns false after an exception.
template <class Body>
bool guarded(std::string_view doing, const Body& body) noexcept {
  try {
    body();
    return true;
  } catch (const std::exception& error) {
    log_failure(doing, error.what());
  } catch (...) {
    log_failure(doing, "unknown exception");
  }
  return false;
}

struct Header {
  const char* name;
  std::string value;
};

/// One request and its answer. Thread-safety: belongs to one worker.
class Exchange {
 public:
  Exchange(mg_connection* connection, const Gate& gate)
      : connection_(connection), gate_(gate), request_(*mg_get_request_info(connection)) {}

  /// Whether the connection lives on is said in the answer's head, hence before it.
  void decide_about_connection() {
    keep_alive_ = wants_keep_alive() && !has_body() && !gate_.crowded();
    if (!keep_alive_) mg_disable_connection_keep_alive(connection_);
  }

  std::string_view path() const { return request_.local_uri; }
  std::string_view method() const { return request_.request_method; }
  bool accepts_gzip() const { return web::accepts_gzip(header("Accept-Encoding")); }
  int code() const { return code_; }
  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

  void answer(int code, const char* content_type, std::string_view body, std::vector<Header> headers = {}) {
    if (start_answer(code, content_type, body.size(), std::move(headers))) write(body);
  }

  /// False where no body may follow: HEAD, or the client has gone.
  bool start_answer(int code, const char* content_type, uint64_t content_length, std::vector<Header> headers) {
    std::string head = fmt::format(
        "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nX-Content-Type-Options: nosniff\r\nConnection: "
        "{}\r\n",
        code, mg_get_response_code_text(connection_, code), content_type, content_length,
        keep_alive_ ? "keep-alive" : "close");
    for (const Header& header : headers) head += fmt::format("{}: {}\r\n", header.name, header.value);
    head += "\r\n";
    code_ = code;
    return write(head) && method() != "HEAD";
  }

  /// Closes the connection after an exception; answers 500 if nothing has been sent. Allocates no memory.
  void fail() noexcept {
    constexpr std::string_view kHead =
        "HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 28\r\n"
        "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n";
    constexpr std::string_view kBody = "internal error, see the log\n";
    static_assert(kBody.size() == 28);
    mg_disable_connection_keep_alive(connection_);
    if (code_ != 0) return;
    code_ = 500;
    if (write(kHead) && method() != "HEAD") write(kBody);
  }

  /// False when the client has gone or is too slow: the connection ends with this request.
  bool write(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto before = Clock::now();
      const int written = mg_write(connection_, bytes.data(), std::min(bytes.size(), kPieceBytes));
      // Nothing was written: CivetWeb does not say whether that is an error or the end of its patience.
      const bool is_error = written <= 0 && Clock::now() - before < kClientTimeout;
      if (is_error || !may_go_on()) {
        mg_disable_connection_keep_alive(connection_);
        return false;
      }
      sent_ += std::max(written, 0);
      bytes.remove_prefix(std::max(written, 0));
    }
    return true;
  }

 private:
  // Who takes nothing, or a byte each second, must not hold a worker.
  bool may_go_on() const {
    const Patience& patience = gate_.crowded() ? kPatienceInCrowd : kPatience;
    return Clock::now() - start_ < patience.base + milliseconds(1000 * sent_ / patience.bytes_per_second);
  }

  // All headers of this name, as one list.
  std::string header(const char* name) const {
    std::string result;
    for (int i = 0; i < request_.num_headers; ++i) {
      if (strcasecmp(request_.http_headers[i].name, name) != 0) continue;
      if (!result.empty()) result += ", ";
      result += request_.http_headers[i].value;
    }
    return result;
  }

  // Narrower than CivetWeb's own rule, so that we never promise what it does not keep.
  bool wants_keep_alive() const {
    const std::string connection = header("Connection");
    if (connection.empty()) return std::string_view(request_.http_version) == "1.1";
    return strcasecmp(connection.c_str(), "keep-alive") == 0;
  }

  // No request that we answer has one. It is not read: the connection ends instead.
  bool has_body() const { return request_.content_length > 0 || !header("Transfer-Encoding").empty(); }

  mg_connection* connection_;
  const Gate& gate_;
  const mg_request_info& request_;
  const Clock::time_point start_ = Clock::now();
  bool keep_alive_ = false;
  uint64_t sent_ = 0;
  int code_ = 0;
};

}  // namespace

class Server::Impl {
 public:
  Impl(const std::vector<Listener>& listeners, std::string telemetry_path, metrics::PageSource page, CountRequest count,
       std::string version)
      : telemetry_path_(std::move(telemetry_path)),
        page_(std::move(page)),
        count_(std::move(count)),
        version_(std::move(version)),
        routes_{{telemetry_path_, &Impl::metrics},
                {"/", &Impl::landing},
                {"/healthz", &Impl::healthy},
                {"/-/healthy", &Impl::healthy},
                {"/-/ready", &Impl::ready}} {
    start(listeners);
  }

  ~Impl() {
    gate_.close();  // before the workers that it hands connections to
    mg_stop(context_);
  }

  const std::vector<int>& ports() const { return ports_; }

 private:
  struct Route {
    std::string path;
    void (Impl::*answer)(Exchange&) const;
  };

  static Impl& self(const mg_context* context) { return *static_cast<Impl*>(mg_get_user_data(context)); }
  static Impl& self(const mg_connection* connection) { return self(mg_get_context(connection)); }

  void start(const std::vector<Listener>& listeners) {
    if (listeners.empty() || listeners.size() > kMaxListeners) {
      throw std::runtime_error(fmt::format("between 1 and {} addresses to listen on are wanted", kMaxListeners));
    }
    std::string addresses, certificate;
    for (const Listener& listener : listeners) {
      addresses += (addresses.empty() ? "" : ",") + civetweb_address(listener);
      if (!listener.certificate_pem.empty()) certificate = listener.certificate_pem;
    }
    const std::string workers = fmt::to_string(kWorkers), backlog = fmt::to_string(kBacklog);
    const std::string timeout = fmt::to_string(kClientTimeout.count());
    const std::string keep_alive_timeout = fmt::to_string(kKeepAliveTimeout.count());
    std::vector<const char*> options{"listening_ports",
                                     addresses.c_str(),  //
                                     "num_threads",
                                     workers.c_str(),  //
                                     "connection_queue",
                                     workers.c_str(),  // the gate never has more on the way
                                     "listen_backlog",
                                     backlog.c_str(),  //
                                     "request_timeout_ms",
                                     timeout.c_str(),  //
                                     "keep_alive_timeout_ms",
                                     keep_alive_timeout.c_str(),  //
                                     "enable_keep_alive",
                                     "yes",  //
                                     "max_request_size",
                                     "16384",  // gate.cc knows it as well
                                     "decode_url",
                                     "no",  // no path of ours needs it
                                     "enable_auth_domain_check",
                                     "no"};  // any host name may be ours
    if (!certificate.empty()) {
      options.insert(options.end(), {"ssl_certificate", certificate.c_str(),  //
                                     "ssl_protocol_version", "4"});           // TLS 1.2 and newer
    }
    options.push_back(nullptr);

    mg_callbacks callbacks{};
    callbacks.init_context = &Impl::take_listening_sockets;
    callbacks.begin_request = &Impl::begin_request;
    callbacks.http_error = &Impl::http_error;
    callbacks.connection_closed = &Impl::connection_closed;
    callbacks.log_message = &Impl::log_message;
    callbacks.exit_thread = &kafkascope_civetweb_exit_thread;

    mg_init_data init{};
    init.callbacks = &callbacks;
    init.user_data = this;
    init.configuration_options = options.data();
    mg_error_data error{};
    context_ = mg_start2(&init, &error);
    if (context_ == nullptr) throw std::runtime_error(listen_error(listeners, complaints_));
    for (const std::string& complaint : complaints_) spdlog::warn("HTTP server: {}", complaint);
    starting_ = false;
    kafkascope_civetweb_allow_workers(context_, kWorkers);
    try {
      if (listening_.empty()) throw std::bad_alloc();  // caught in take_listening_sockets()
      gate_.open(std::move(listening_), [this](Socket socket, bool is_tls) {
        if (gate_.busy() > started_ && kafkascope_civetweb_start_worker(context_, started_)) ++started_;
        // With at least one worker the connection waits until that one is free.
        if (started_ == 0) throw std::runtime_error("cannot start a thread for them");
        kafkascope_civetweb_adopt(context_, socket.release(), is_tls);
      });
    } catch (const std::exception& error) {
      mg_stop(context_);
      throw std::runtime_error(fmt::format("cannot listen on {}: {}", all_addresses(listeners), error.what()));
    }
  }

  static void take_listening_sockets(const mg_context* context) {
    guarded("listening", [&, &server = self(context)] {
      server.ports_.reserve(kMaxListeners);
      server.listening_.reserve(kMaxListeners);
      std::array<kafkascope_listening_socket, kMaxListeners> sockets;
      const size_t count =
          kafkascope_civetweb_take_listening_sockets(const_cast<mg_context*>(context), sockets.data(), sockets.size());
      for (size_t i = 0; i < count; ++i) {
        server.ports_.push_back(port_of(sockets[i].fd));
        server.listening_.push_back({Socket(sockets[i].fd), sockets[i].is_tls != 0});
      }
    });
  }

  // While it starts, what CivetWeb says is about us; later about clients, and they must not fill the log.
  static int log_message(const mg_connection* connection, const char* message) {
    guarded("logging", [&, &server = self(connection)] {
      if (server.starting_) {
        server.complaints_.emplace_back(message);
      } else {
        spdlog::debug("HTTP server: {}", message);
      }
    });
    return 1;
  }

  static void connection_closed(const mg_connection* connection) {
    guarded("closing a connection", [&] { self(connection).gate_.finished(); });
  }

  // What CivetWeb refuses by itself: requests that are not sound.
  static int http_error(mg_connection* connection, int code, const char* message) {
    mg_disable_connection_keep_alive(connection);
    guarded("refusing a request", [&] {
      const std::string body = fmt::format("{}\n", message);
      const std::string answer = fmt::format(
          "HTTP/1.1 {} {}\r\nContent-Type: {}\r\nContent-Length: {}\r\nX-Content-Type-Options: nosniff\r\n"
          "Connection: close\r\n\r\n{}",
          code, mg_get_response_code_text(connection, code), kText, body.size(), body);
      mg_write(connection, answer.data(), answer.size());
      self(connection).count_("other", code, 0);
    });
    return 0;
  }

  static int begin_request(mg_connection* connection) {
    Impl& server = self(connection);
    Exchange exchange(connection, server.gate_);
    std::string_view handler = "other";
    if (!guarded(exchange.path(), [&] { handler = server.answer(exchange); })) exchange.fail();
    guarded("counting a request", [&] { server.count_(handler, exchange.code(), exchange.seconds()); });
    return exchange.code();
  }

  // Returns the name to count it under.
  std::string_view answer(Exchange& exchange) const {
    exchange.decide_about_connection();
    const auto route =
        std::find_if(routes_.begin(), routes_.end(), [&](const Route& known) { return known.path == exchange.path(); });
    if (route == routes_.end()) {
      exchange.answer(404, kText, not_found());
      return "other";
    }
    if (exchange.method() == "GET" || exchange.method() == "HEAD") {
      (this->*route->answer)(exchange);
    } else {
      exchange.answer(405, kText, "only GET and HEAD are allowed here\n", {{"Allow", "GET, HEAD"}});
    }
    return route->path;
  }

  std::string not_found() const {
    std::string text = "no such page; there are:\n";
    for (const Route& route : routes_) text += route.path + "\n";
    return text;
  }

  void metrics(Exchange& exchange) const {
    const auto page = page_();
    const Header vary{"Vary", "Accept-Encoding"};
    if (exchange.accepts_gzip() && !page->gzip().empty()) {
      exchange.answer(200, kPrometheusText, page->gzip(), {{"Content-Encoding", "gzip"}, vary});
    } else if (exchange.start_answer(200, kPrometheusText, page->text_bytes(), {vary})) {
      page->inflate([&](std::string_view piece) { return exchange.write(piece); });
    }
  }

  void landing(Exchange& exchange) const {
    const double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    exchange.answer(200, kHtml, landing_page(*page_(), version_, telemetry_path_, now));
  }

  void healthy(Exchange& exchange) const { exchange.answer(200, kText, "ok\n"); }

  void ready(Exchange& exchange) const {
    if (page_()->ready()) {
      exchange.answer(200, kText, "ready\n");
    } else {
      exchange.answer(503, kText, "not ready: the first poll has not ended yet\n");
    }
  }

  const std::string telemetry_path_;
  const metrics::PageSource page_;
  const CountRequest count_;
  const std::string version_;
  const std::vector<Route> routes_;  // in the order of not_found(); the first wins

  const Library library_;
  bool starting_ = true;
  std::vector<std::string> complaints_;     // CivetWeb's, while it starts
  std::vector<ListeningSocket> listening_;  // between CivetWeb and the gate
  std::vector<int> ports_;
  mg_context* context_ = nullptr;
  unsigned started_ = 0;  // workers; of the gate's thread
  Gate gate_{kWorkers};
};

namespace {

std::vector<Listener> listeners_of(const config::Web& web) {
  std::vector<Listener> result;
  for (const std::string& address : web.listen_addresses) result.push_back({address, ""});
  return result;
}

}  // namespace

Server::Server(const config::Web& web, metrics::PageSource page, CountRequest count, std::string version)
    : Server(listeners_of(web), web.telemetry_path, std::move(page), std::move(count), std::move(version)) {}

Server::Server(const std::vector<Listener>& listeners, std::string telemetry_path, metrics::PageSource page,
               CountRequest count, std::string version)
    : impl_(std::make_unique<Impl>(listeners, std::move(telemetry_path), std::move(page), std::move(count),
                                   std::move(version))) {}

Server::~Server() = default;

const std::vector<int>& Server::ports() const { return impl_->ports(); }

}  // namespace kafkascope::web
