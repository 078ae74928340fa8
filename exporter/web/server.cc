#include "web/server.h"

#include <civetweb.h>
#include <spdlog/fmt/fmt.h>

#include <array>
#include <exception>
#include <new>
#include <stdexcept>
#include <utility>

#include "log/event.h"
#include "web/civetweb_door.h"
#include "web/connection_queue.h"
#include "web/limits.h"
#include "web/responses.h"
#include "web/routes.h"

namespace kafkascope::web {
namespace {

// CivetWeb's global state, which counts its users.
class Library {
 public:
  Library() { mg_init_library(MG_FEATURES_TLS); }
  ~Library() { mg_exit_library(); }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;
};

void log_failure(std::string_view doing, const char* reason) noexcept {
  try {
    log_event(LogLevel::kError, "HTTP server failed", {{"during", doing}, {"error", reason}});
  } catch (...) {  // an exception must not reach CivetWeb
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

using Options = std::vector<std::pair<const char*, std::string>>;

Options options_for(const std::vector<Listener>& listeners) {
  Options options{
      {"listening_ports", listening_ports(listeners)},
      {"num_threads", fmt::to_string(kMaxWorkers)},
      {"connection_queue", fmt::to_string(kMaxWorkers)},  // our queue never hands over more
      {"listen_backlog", fmt::to_string(kBacklog)},
      {"request_timeout_ms", fmt::to_string(kClientTimeout.count())},
      {"keep_alive_timeout_ms", fmt::to_string(kKeepAliveTimeout.count())},
      {"enable_keep_alive", "yes"},
      {"max_request_size", fmt::to_string(kMaxRequestBytes)},
      {"decode_url", "no"},                // no path of ours needs it
      {"enable_auth_domain_check", "no"},  // any host name may be ours
  };
  for (const Listener& listener : listeners) {
    if (listener.certificate_pem.empty()) continue;
    options.emplace_back("ssl_certificate", listener.certificate_pem);
    options.emplace_back("ssl_protocol_version", "4");  // TLS 1.2 and newer
    break;
  }
  return options;
}

std::vector<Listener> listeners_of(const config::Web& web) {
  std::vector<Listener> result;
  for (const std::string& address : web.listen_addresses) result.push_back({address, ""});
  return result;
}

}  // namespace

class Server::Impl {
 public:
  Impl(const std::vector<Listener>& listeners, std::vector<Route> routes, CountRequest count)
      : routes_(std::move(routes)), count_(std::move(count)) {
    start_civetweb(listeners);
    try {
      if (listening_.empty()) throw std::bad_alloc();  // caught in init_context()
      start_queue();
    } catch (const std::exception& error) {
      mg_stop(context_);
      throw std::runtime_error(fmt::format("cannot listen on {}: {}", all_addresses(listeners), error.what()));
    }
  }

  ~Impl() {
    queue_.stop();  // before the workers that it hands connections to
    mg_stop(context_);
  }

  const std::vector<int>& ports() const { return ports_; }

 private:
  void start_civetweb(const std::vector<Listener>& listeners) {
    mg_callbacks callbacks{};
    callbacks.init_context = &Impl::init_context;
    callbacks.begin_request = &Impl::begin_request;
    callbacks.http_error = &Impl::http_error;
    callbacks.connection_closed = &Impl::connection_closed;
    callbacks.log_message = &Impl::log_message;
    callbacks.exit_thread = &kafkascope_civetweb_exit_thread;

    const Options options = options_for(listeners);
    std::vector<const char*> names_and_values;
    for (const auto& [name, value] : options) names_and_values.insert(names_and_values.end(), {name, value.c_str()});
    names_and_values.push_back(nullptr);

    mg_init_data init{};
    init.callbacks = &callbacks;
    init.user_data = this;
    init.configuration_options = names_and_values.data();
    mg_error_data error{};
    context_ = mg_start2(&init, &error);
    if (context_ == nullptr) throw std::runtime_error(listen_error(listeners, start_messages_));
    for (const std::string& message : start_messages_)
      log_event(LogLevel::kWarning, "HTTP server warning", {{"text", message}});
    starting_ = false;
    kafkascope_civetweb_allow_workers(context_, kMaxWorkers);
  }

  void start_queue() {
    queue_.start(std::move(listening_), [this](Socket socket, bool is_tls) {
      if (queue_.busy() > workers_ && kafkascope_civetweb_start_worker(context_, workers_)) ++workers_;
      // With at least one worker the connection waits until that one is free.
      if (workers_ == 0) throw std::runtime_error("cannot start a thread for them");
      kafkascope_civetweb_adopt(context_, socket.release(), is_tls);
    });
  }

  // CivetWeb's callbacks.

  static Impl& self(const mg_context* context) { return *static_cast<Impl*>(mg_get_user_data(context)); }
  static Impl& self(const mg_connection* connection) { return self(mg_get_context(connection)); }

  static void init_context(const mg_context* context) {
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

  static int begin_request(mg_connection* connection) {
    const Impl& server = self(connection);
    Exchange exchange(connection, server.queue_);
    std::string_view handler = "other";
    if (!guarded(exchange.path(), [&] { handler = server.handle(exchange); })) exchange.fail();
    guarded("counting a request", [&] { server.count_(handler, exchange.code(), exchange.seconds()); });
    return exchange.code();
  }

  // Returns the name to count the request under. Access is decided here, before a route is looked up.
  std::string_view handle(Exchange& exchange) const {
    exchange.decide_keep_alive();
    return respond(routes_, exchange);
  }

  // For requests that CivetWeb refuses by itself because they are invalid.
  static int http_error(mg_connection* connection, int code, const char* message) {
    mg_disable_connection_keep_alive(connection);
    guarded("refusing a request", [&] {
      refuse(connection, code, message);
      self(connection).count_("other", code, 0);
    });
    return 0;
  }

  static void connection_closed(const mg_connection* connection) {
    guarded("closing a connection", [&] { self(connection).queue_.connection_closed(); });
  }

  // Messages at the start are about us. Later ones are about clients, which must not be able to fill the log.
  static int log_message(const mg_connection* connection, const char* message) {
    guarded("logging", [&, &server = self(connection)] {
      if (server.starting_) {
        server.start_messages_.emplace_back(message);
      } else {
        log_event(LogLevel::kDebug, "HTTP server message", {{"text", message}});
      }
    });
    return 1;
  }

  const std::vector<Route> routes_;
  const CountRequest count_;

  const Library library_;
  bool starting_ = true;
  std::vector<std::string> start_messages_;
  std::vector<ListeningSocket> listening_;  // from CivetWeb to the queue
  std::vector<int> ports_;
  mg_context* context_ = nullptr;
  unsigned workers_ = 0;  // started; used by the queue's thread only
  ConnectionQueue queue_{kMaxWorkers};
};

Server::Server(const config::Web& web, metrics::PageSource page, CountRequest count, std::string version)
    : Server(listeners_of(web), web.telemetry_path, std::move(page), std::move(count), std::move(version)) {}

Server::Server(const std::vector<Listener>& listeners, std::string telemetry_path, metrics::PageSource page,
               CountRequest count, std::string version)
    : impl_(std::make_unique<Impl>(listeners, make_routes(telemetry_path, page, version), std::move(count))) {}

Server::~Server() = default;

const std::vector<int>& Server::ports() const { return impl_->ports(); }

}  // namespace kafkascope::web
