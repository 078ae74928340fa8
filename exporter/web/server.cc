#include "web/server.h"

#include <civetweb.h>
#include <spdlog/fmt/fmt.h>

#include <exception>
#include <mutex>
#include <stdexcept>
#include <unordered_map>
#include <utility>

#include "log/event.h"
#include "web/access.h"
#include "web/authorization.h"
#include "web/civetweb_door.h"
#include "web/connection_queue.h"
#include "web/limits.h"
#include "web/listener.h"
#include "web/password_checker.h"
#include "web/password_hash.h"
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

Options options_for(unsigned workers) {
  return {
      {"listening_ports", "x/"},  // a Unix socket that is not bound, see civetweb_door.c
      {"num_threads", fmt::to_string(workers)},
      {"connection_queue", fmt::to_string(workers)},  // our queue never hands over more
      {"request_timeout_ms", fmt::to_string(kClientTimeout.count())},
      {"keep_alive_timeout_ms", fmt::to_string(kKeepAliveTimeout.count())},
      {"enable_keep_alive", "yes"},
      {"max_request_size", fmt::to_string(kMaxRequestBytes)},
      {"decode_url", "no"},                // no path of ours needs it
      {"enable_auth_domain_check", "no"},  // any host name may be ours
  };
}

// A connection that a worker serves.
struct Served {
  std::shared_ptr<const TlsContext> tls;  // null: no TLS
  bool has_responded = false;
};

}  // namespace

class Server::Impl {
 public:
  Impl(const config::Web& web, std::vector<Route> routes, CountRequest count, unsigned workers)
      : routes_(std::move(routes)), count_(std::move(count)), access_(web), max_workers_(workers) {
    std::vector<ListeningSocket> listening = listen(web);
    for (const ListeningSocket& socket : listening) ports_.push_back(socket.port());
    start_civetweb();
    try {
      start_queue(std::move(listening));
    } catch (const std::exception& error) {
      mg_stop(context_);
      throw std::runtime_error(fmt::format("cannot start the HTTP server: {}", error.what()));
    }
  }

  ~Impl() {
    passwords_.stop();
    queue_.stop();  // before the workers that it hands connections to
    mg_stop(context_);
  }

  AccessSource& access() { return access_; }
  const std::vector<int>& ports() const { return ports_; }

 private:
  void start_civetweb() {
    mg_callbacks callbacks{};
    callbacks.init_context = [](const mg_context* context) {
      kafkascope_civetweb_take_over(const_cast<mg_context*>(context));
    };
    callbacks.init_connection = &Impl::init_connection;
    callbacks.begin_request = &Impl::begin_request;
    callbacks.http_error = &Impl::http_error;
    callbacks.connection_close = &Impl::connection_close;
    callbacks.connection_closed = &Impl::connection_closed;
    callbacks.log_message = &Impl::log_message;
    callbacks.exit_thread = &kafkascope_civetweb_exit_thread;

    const Options options = options_for(max_workers_);
    std::vector<const char*> names_and_values;
    for (const auto& [name, value] : options) names_and_values.insert(names_and_values.end(), {name, value.c_str()});
    names_and_values.push_back(nullptr);

    mg_init_data init{};
    init.callbacks = &callbacks;
    init.user_data = this;
    init.configuration_options = names_and_values.data();
    mg_error_data error{};
    context_ = mg_start2(&init, &error);
    if (context_ == nullptr) {
      const std::string reason = start_messages_.empty() ? "no reason given" : start_messages_.front();
      throw std::runtime_error(fmt::format("cannot start the HTTP server: {}", reason));
    }
    for (const std::string& message : start_messages_)
      log_event(LogLevel::kWarning, "HTTP server warning", {{"text", message}});
    starting_ = false;
    kafkascope_civetweb_allow_workers(context_, max_workers_);
  }

  void start_queue(std::vector<ListeningSocket> listening) {
    const auto start_tls = [this](int fd) -> std::unique_ptr<TlsSession> {
      const auto access = access_.current();
      return access->tls ? std::make_unique<TlsSession>(access->tls, fd) : nullptr;
    };
    queue_.start(std::move(listening), start_tls, [this](Socket socket, std::unique_ptr<TlsSession> tls) {
      if (queue_.busy() > workers_ && kafkascope_civetweb_start_worker(context_, workers_)) ++workers_;
      // With at least one worker the connection waits until that one is free.
      if (workers_ == 0) throw std::runtime_error("cannot start a thread for them");
      if (tls) {
        const std::lock_guard lock(sessions_mutex_);
        sessions_[socket.fd()] = std::move(tls);
      }
      kafkascope_civetweb_adopt(context_, socket.release());
    });
  }

  // Access is decided before a route is looked up. Returns the name to count the request under.
  std::string_view handle(Exchange& exchange, Served* connection, const Access& access) {
    exchange.decide_keep_alive();
    if (!connection || connection->tls != access.tls) {
      // The rules of connections have changed since this one was opened: it may only end what it had begun. A client
      // repeats a request that is not answered on a connection that it has used before.
      exchange.close_afterwards();
      if (!connection || connection->has_responded) return "other";
    }
    connection->has_responded = true;
    if (!access.limiter->allow(RateLimiter::Clock::now())) {
      exchange.respond(429, kText, "too many requests\n");
    } else if (const std::string_view fault = exchange.head_fault(); !fault.empty()) {
      exchange.close_afterwards();
      exchange.respond(400, kText, fmt::format("{}\n", fault));
    } else if (access.users.empty() || is_authenticated(exchange, access.users)) {
      return respond(routes_, exchange);
    }
    return "other";
  }

  // Responds if not.
  bool is_authenticated(Exchange& exchange, const Users& users) {
    using Result = PasswordChecker::Result;
    const auto given = parse_basic(exchange.header("Authorization"));
    const Result result = given ? passwords_.check(users, given->user, given->password) : Result::kRejected;
    if (result == Result::kAccepted) return true;
    exchange.close_afterwards();
    if (result == Result::kBusy) {
      exchange.respond(429, kText, "too many logins at the same time\n", {{"Retry-After", "1"}});
    } else {
      exchange.respond(401, kText, "unauthorized\n",
                       {{"WWW-Authenticate", "Basic realm=\"restricted\", charset=\"UTF-8\""}});
    }
    return false;
  }

  // CivetWeb's callbacks.

  static Impl& self(const mg_context* context) { return *static_cast<Impl*>(mg_get_user_data(context)); }
  static Impl& self(const mg_connection* connection) { return self(mg_get_context(connection)); }

  static int init_connection(const mg_connection* connection, void** user_data) {
    guarded("opening a connection", [&, &server = self(connection)] {
      auto served = std::make_unique<Served>();
      if (const std::unique_ptr<TlsSession> tls = server.take_session(kafkascope_civetweb_fd(connection))) {
        served->tls = tls->context();
        const std::string& received = tls->received();
        kafkascope_civetweb_set_tls(const_cast<mg_connection*>(connection), tls->release(), received.data(),
                                    received.size());
      }
      *user_data = served.release();
    });
    return 0;
  }

  static void connection_close(const mg_connection* connection) {
    delete static_cast<Served*>(mg_get_user_connection_data(connection));
  }

  std::unique_ptr<TlsSession> take_session(int fd) {
    const std::lock_guard lock(sessions_mutex_);
    const auto found = sessions_.find(fd);
    if (found == sessions_.end()) return nullptr;
    std::unique_ptr<TlsSession> result = std::move(found->second);
    sessions_.erase(found);
    return result;
  }

  static int begin_request(mg_connection* connection) {
    Impl& server = self(connection);
    const std::shared_ptr<const Access> access = server.access_.current();
    Exchange exchange(connection, server.queue_, access->headers);
    auto* served = static_cast<Served*>(mg_get_user_connection_data(connection));
    std::string_view handler = "other";
    if (!guarded(exchange.path(), [&] { handler = server.handle(exchange, served, *access); })) exchange.fail();
    if (exchange.code() == 0) return kNoResponse;
    guarded("counting a request", [&] { server.count_(handler, exchange.code(), exchange.seconds()); });
    return exchange.code();
  }

  // For requests that CivetWeb refuses by itself because they are invalid.
  static int http_error(mg_connection* connection, int code, const char* message) {
    mg_disable_connection_keep_alive(connection);
    guarded("refusing a request", [&] {
      refuse(connection, code, message, self(connection).access_.current()->headers);
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

  static constexpr int kNoResponse = 499;  // for CivetWeb, which otherwise responds by itself

  const std::vector<Route> routes_;
  const CountRequest count_;
  AccessSource access_;
  PasswordChecker passwords_{matches_hash, default_password_limits()};

  const Library library_;
  const unsigned max_workers_;
  bool starting_ = true;
  std::vector<std::string> start_messages_;
  std::vector<int> ports_;
  mg_context* context_ = nullptr;
  unsigned workers_ = 0;  // started; used by the queue's thread only
  std::mutex sessions_mutex_;
  std::unordered_map<int, std::unique_ptr<TlsSession>> sessions_;  // by socket, on their way to a worker; guarded
  ConnectionQueue queue_{max_workers_};
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::Server(const config::Web& web, const metrics::PageSource& page, CountRequest count, const Reload& reload,
               const std::string& version)
    : Server(std::make_unique<Impl>(
          web, make_routes(web.telemetry_path, page, web.enable_lifecycle ? reload : Reload(), version),
          std::move(count), kMaxWorkers)) {}

Server::~Server() = default;

std::unique_ptr<Server> Server::for_health(const std::string& address, const metrics::PageSource& page,
                                           CountRequest count) {
  config::Web web;
  web.listen_addresses = {address};
  return std::unique_ptr<Server>(
      new Server(std::make_unique<Impl>(web, make_health_routes(page), std::move(count), kMaxHealthWorkers)));
}

void Server::check_files() { impl_->access().check(); }
void Server::reload_files() { impl_->access().reload(); }
bool Server::last_reload_successful() const { return impl_->access().last_reload_successful(); }

const std::vector<int>& Server::ports() const { return impl_->ports(); }

}  // namespace kafkascope::web
