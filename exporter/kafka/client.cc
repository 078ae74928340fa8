#include "kafka/client.h"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "config/properties.h"
#include "kafka/connection_errors.h"
#include "kafka/hint.h"
#include "kafka/limits.h"
#include "kafka/logins.h"
#include "kafka/raw_request.h"
#include "kafka/statistics.h"
#include "kafka/token_refresh.h"
#include "log/event.h"
#include "model/deleter.h"

namespace kafkascope::kafka {
namespace {

constexpr size_t kMaxBrokers = 10'000;  // librdkafka's own limit
constexpr int kDebugLevel = 7;          // syslog's

std::atomic<bool> some_left_running{false};

using Conf = std::unique_ptr<rd_kafka_conf_t, model::Deleter<rd_kafka_conf_destroy>>;

void set(rd_kafka_conf_t* conf, const std::string& key, const std::string& value) {
  // No text repeats the value, which may be a secret; librdkafka's own does.
  const auto refuse = [&](std::string_view why) {
    throw Error(model::Reason::kOther, fmt::format("kafka property {}: {}", key, why));
  };
  std::array<char, 512> why{};
  const auto result = rd_kafka_conf_set(conf, key.c_str(), value.c_str(), why.data(), why.size());
  if (result == RD_KAFKA_CONF_UNKNOWN) refuse(why.data());
  if (result != RD_KAFKA_CONF_OK) refuse("librdkafka refuses its value");
  if (value.find_first_of(" \t\n\v\f\r") == 0 && !raw_set_secret(conf, key.c_str(), value.c_str()))
    refuse("its value begins with white space, which librdkafka removes; use one that does not");
  // From numbers librdkafka drops what follows the digits, and a leading 0 makes them octal.
  std::array<char, 32> read{};
  size_t size = read.size();
  if (value.find_first_of("+-0123456789") != 0 || value.size() >= read.size()) return;
  if (rd_kafka_conf_get(conf, key.c_str(), read.data(), &size) != RD_KAFKA_CONF_OK) return;
  const std::string_view number(read.data());
  if (number != value && number.find_first_not_of("-0123456789") == number.npos)
    refuse(fmt::format("librdkafka reads its value as {}; write a plain number", number));
}

Conf make_conf(const config::Cluster& cluster) {
  Conf conf(rd_kafka_conf_new());
  const auto milliseconds = [](auto duration) { return std::to_string(duration.count()); };
  if (!cluster.servers.empty())
    set(conf.get(), "bootstrap.servers", fmt::format("{}", fmt::join(cluster.servers, ",")));
  set(conf.get(), "client.id", "kafkascope");
  set(conf.get(), "enable.sparse.connections", "false");  // a connection to every broker, also an idle one
  set(conf.get(), "enable.metrics.push", "false");
  set(conf.get(), "log.connection.close", "false");
  set(conf.get(), "socket.keepalive.enable", "true");
  set(conf.get(), "receive.message.max.bytes", std::to_string(kMaxAnswerBytes));
  set(conf.get(), "reconnect.backoff.max.ms", milliseconds(kMaxReconnectBackoff));
  set(conf.get(), "allow.auto.create.topics", "false");
  // Above our own time-out of a request, so that ours decides.
  const auto timeout = cluster.polling.effective_request_timeout() + std::chrono::seconds(1);
  set(conf.get(), "socket.timeout.ms", milliseconds(timeout));
  set(conf.get(), "socket.connection.setup.timeout.ms", milliseconds(timeout));
  set(conf.get(), "statistics.interval.ms",
      milliseconds(std::max(cluster.polling.interval, std::chrono::milliseconds(1000))));
  for (const auto& [key, value] : cluster.properties) set(conf.get(), key, value);
  return conf;
}

rd_kafka_t* make_handle(Conf conf) {
  std::array<char, 512> why{};
  rd_kafka_t* const handle = rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), why.data(), why.size());
  const bool is_keystore = std::string_view(why.data()).find("ssl.keystore.location") != std::string_view::npos;
  const char* const fix = is_keystore ? "; check that it is a PKCS#12 file, and ssl.keystore.password" : "";
  if (!handle)
    throw Error(model::Reason::kOther, fmt::format("librdkafka refuses the configuration: {}{}", why.data(), fix));
  conf.release();  // rd_kafka_new() took it
  return handle;
}

/// Cuts off everything up to and including `separator`, if it is there.
std::string_view after(std::string_view separator, std::string_view text) {
  const auto found = text.find(separator);
  return found == text.npos ? text : text.substr(found + separator.size());
}

/// Cuts from librdkafka's text what differs from one time to the next: "[thrd:NAME]: NAME: WHY (after 5ms in state S)".
std::string_view constant_part(std::string_view text) {
  if (text.starts_with("[thrd:")) text = after("]: ", text);
  return text.substr(0, text.find(" (after "));
}

/// Returns whether a login failed because the broker was silent before the password was sent.
bool unanswered(std::string_view why) {
  return timed_out(why) && why.find(" mechanism handshake failed") != std::string_view::npos;
}

/// Sets when TCP keepalive probes are sent. Linux waits two hours by default.
void set_keepalive(int socket) {
  const auto set_option = [=](int option, int value) {
    setsockopt(socket, IPPROTO_TCP, option, &value, sizeof(value));  // without it connections work, too
  };
  set_option(TCP_KEEPIDLE, static_cast<int>(kKeepaliveIdle.count()));
  set_option(TCP_KEEPINTVL, static_cast<int>(kKeepaliveInterval.count()));
  set_option(TCP_KEEPCNT, kKeepaliveProbes);
}

/// The current connection of a broker. librdkafka has a thread for each broker.
struct Connection {
  std::string broker;             ///< host:port; empty on threads of another kind.
  bool permitted = true;          ///< By Logins.
  Stage stage = Stage::kConnect;  ///< How far it got; also once it is down.
  std::string why;                ///< What librdkafka logged about its end.
  std::string_view certificate;   ///< What is wrong with the broker's.
  std::string login_failure;      ///< `why` of the last login that failed: librdkafka does not log the same one twice.
};
thread_local Connection connection;

/// Runs what librdkafka, which is C, calls: nothing may be thrown through it. What is lost is a log line, one set of
/// statistics or the reason of an error.
template <class Body>
void guarded(const Body& body) noexcept try {
  body();
} catch (const std::exception&) {
}

}  // namespace

/// What librdkafka's callbacks write to. It outlives the handle.
struct Client::Shared {
  explicit Shared(const std::string& bootstrap_servers) : servers(bootstrap_servers), errors(bootstrap_servers) {}

  std::string cluster;  // for log lines
  std::string servers;  // the bootstrap servers
  Protocol protocol;
  std::string token_endpoint;  ///< Of OAUTHBEARER; empty: no tokens are needed.
  std::shared_ptr<Logins> logins;
  mutable std::mutex mutex;
  StatisticsReader reader;
  model::Statistics statistics;
  ConnectionErrors errors;
  std::atomic<bool> any_broker{false};   ///< A bootstrap server has returned metadata.
  std::atomic<bool> any_attempt{false};  ///< A connection was tried. librdkafka waits for a token before the first.
  struct Broker {
    std::string address;            ///< host:port
    Stage stage = Stage::kConnect;  ///< How far the last connection got.
    std::string_view certificate;   ///< What was wrong with its certificate.
  };
  std::map<int32_t, std::chrono::steady_clock::time_point> throttled_until;  ///< By quotas of the broker.
  std::map<int32_t, Broker> brokers;
  model::Certificates certificates;
  std::atomic<bool> stop{false};
  std::thread serve;
  std::optional<TokenRefresh> tokens;

  static Shared& of(const rd_kafka_t* rk) { return *static_cast<Shared*>(rd_kafka_opaque(rk)); }

  void on_statistics(std::string_view json) try {
    const std::lock_guard lock(mutex);
    statistics = reader.read(json);
  } catch (const std::exception& e) {
    log_event(LogLevel::kWarning, "cannot read librdkafka's statistics", {{"cluster", cluster}, {"error", e.what()}});
  }

  void on_error(const Error& error, Stage stage) {
    const std::lock_guard lock(mutex);
    errors.add(error, stage, std::chrono::steady_clock::now());
  }

  /// librdkafka's error that may be of no connection, such as a failed request for a token.
  void on_client_error(rd_kafka_resp_err_t code, std::string_view why) {
    if (code == RD_KAFKA_RESP_ERR__TRANSPORT) return;         // logged, too
    if (tokens && why.find(kTokenFault) != why.npos) return;  // TokenRefresh has the reason
    const Error error(kafka::reason(code), std::string(why), hint_for(Stage::kLogin, why, protocol));
    const std::lock_guard lock(mutex);
    const auto now = std::chrono::steady_clock::now();
    code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN ? errors.add_effect(error, now)
                                                : errors.add(error, Stage::kConnect, now);
  }

  /// A connection failed; on the broker's thread.
  void on_failure(std::string_view why) {
    if (!connection.permitted) return;  // by us
    const std::string_view text = constant_part(why), name = text.substr(0, text.find(": ")), cause = after(": ", text);
    const bool in_login = connection.stage == Stage::kLogin;
    const auto code = in_login ? RD_KAFKA_RESP_ERR__AUTHENTICATION : RD_KAFKA_RESP_ERR__TRANSPORT;
    const auto reason = connection_reason(code, cause, connection.stage == Stage::kTls);
    // librdkafka's own words name its properties and OpenSSL's functions.
    connection.why = connection.certificate.empty() ? in_plain_words(cause) : connection.certificate;
    if (in_login) {
      connection.login_failure = connection.why;
      unanswered(connection.why) ? logins->forget(connection.broker)
                                 : logins->explain(connection.broker, connection.why);
    }
    const auto advertised = connection.stage == Stage::kConnect ? advertised_broker(name) : std::nullopt;
    if (!advertised) return note_failure(reason, name);
    const std::lock_guard lock(mutex);
    errors.add_unreachable(*advertised, reason, cause, std::chrono::steady_clock::now());
    brokers[advertised->id] = {std::string(advertised->address), Stage::kConnect, {}};
  }

  void note_failure(model::Reason reason, std::string_view name) {
    on_error(
        {reason, fmt::format("{}: {}", name, connection.why), hint_for(connection.stage, connection.why, protocol)},
        connection.stage);
  }

  /// librdkafka's request for metadata failed.
  void on_failed_metadata(std::string_view why) {
    const std::string_view text = constant_part(why), name = text.substr(0, text.find("/bootstrap: "));
    if (any_broker || text.find("Required feature not supported") == text.npos) return;
    on_error({model::Reason::kProtocol, fmt::format("{}: {}", name, kNoMetadata),
              hint_for(Stage::kUp, kNoMetadata, protocol)},
             Stage::kUp);
  }

  /// On the broker's thread. Returns an errno.
  int connect(int socket, const sockaddr* address, socklen_t size, const char* broker) {
    any_attempt = true;
    connection.broker = broker;
    connection.permitted = logins->may_connect(connection.broker, std::chrono::steady_clock::now());
    if (!connection.permitted) return ECANCELED;
    set_keepalive(socket);
    return ::connect(socket, address, size) == 0 || errno == EINPROGRESS ? 0 : errno;
  }

  /// On the broker's thread, but for the state of a broker that is new.
  void on_state(int32_t id, std::string_view state) {
    if (id >= 0) any_broker = true;
    if (state == "CONNECT") {
      connection.permitted = true;  // connect() follows, unless the name cannot be resolved
      connection.stage = Stage::kConnect;
      connection.why.clear();
      connection.certificate = {};
    } else if (state == "SSL_HANDSHAKE") {
      connection.stage = Stage::kTls;
    } else if (state == "APIVERSION_QUERY") {
      connection.stage = Stage::kVersions;
    } else if (state.starts_with("AUTH_")) {
      connection.stage = Stage::kLogin;
    } else if (state == "UP") {
      connection.stage = Stage::kUp;
      logins->forget(connection.broker);
    } else if (state == "DOWN") {
      on_down(id);
    }
  }

  void on_down(int32_t id) {
    if (connection.broker.empty()) return;
    if (id >= 0) {
      const std::lock_guard lock(mutex);
      brokers[id] = {connection.broker, connection.stage, connection.certificate};
      if (connection.stage == Stage::kUp && raw_closed_while_idle()) reader.ignore_error(id);
    }
    if (!connection.permitted) return;
    // librdkafka logs nothing if the connection is just closed. Once it knows brokers, it closes bootstrap connections.
    if (connection.why.empty() && !any_broker &&
        (connection.stage == Stage::kVersions || connection.stage == Stage::kUp)) {
      connection.why = closed_in(connection.stage);
      note_failure(model::Reason::kUnreachable, connection.broker);
    }
    const auto now = std::chrono::steady_clock::now();
    const std::string& why = connection.why.empty() ? connection.login_failure : connection.why;
    const bool closed_by_us = id < 0 && any_broker && why.empty();  // a bootstrap connection, no longer needed
    if (connection.stage == Stage::kLogin && !closed_by_us && !unanswered(why))
      logins->refused(connection.broker, connection.why, now);
    else
      logins->not_reached(connection.broker, now);
  }

  /// During a TLS handshake, for each certificate that is verified; on the broker's thread.
  void on_certificate(int32_t id) {
    int64_t expiry, own;
    raw_certificate_expiries(&expiry, &own);
    const std::lock_guard lock(mutex);
    if (own != RAW_NO_CERTIFICATE) certificates.own = own;
    if (id >= 0 && expiry != RAW_NO_CERTIFICATE) certificates.brokers[id] = {expiry, std::chrono::steady_clock::now()};
  }

  void set_callbacks(rd_kafka_conf_t* conf) {
    rd_kafka_conf_set_opaque(conf, this);
    rd_kafka_conf_set_stats_cb(conf, [](rd_kafka_t*, char* json, size_t size, void* opaque) {
      guarded([&] { static_cast<Shared*>(opaque)->on_statistics({json, size}); });
      return 0;
    });
    rd_kafka_conf_set_error_cb(conf, [](rd_kafka_t*, int code, const char* why, void* opaque) {
      guarded([&] {
        log_event(LogLevel::kDebug, "librdkafka error",
                  {{"cluster", static_cast<Shared*>(opaque)->cluster}, {"text", why}});
        static_cast<Shared*>(opaque)->on_client_error(static_cast<rd_kafka_resp_err_t>(code), constant_part(why));
      });
    });
    rd_kafka_conf_set_throttle_cb(conf, [](rd_kafka_t*, const char*, int32_t broker, int milliseconds, void* opaque) {
      guarded([&] {
        Shared& shared = *static_cast<Shared*>(opaque);
        const std::lock_guard lock(shared.mutex);
        shared.throttled_until[broker] = std::chrono::steady_clock::now() + std::chrono::milliseconds(milliseconds);
      });
    });
    rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t* rk, int level, const char* facility, const char* text) {
      guarded([&] {
        log_event(LogLevel::kDebug, "librdkafka log",
                  {{"cluster", of(rk).cluster}, {"facility", facility}, {"text", text}});
        // Some failures are only logged, such as that of the wrong security.protocol.
        if (level < kDebugLevel && std::string_view(facility) == "FAIL") of(rk).on_failure(text);
        if (std::string_view(facility) == "METADATA") of(rk).on_failed_metadata(text);
      });
    });
    if (tokens)
      rd_kafka_conf_set_oauthbearer_token_refresh_cb(
          conf, [](rd_kafka_t* rk, const char*, void*) { guarded([&] { of(rk).tokens->request(); }); });
    // Decides nothing: an error remains one.
    rd_kafka_conf_set_ssl_cert_verify_cb(conf, [](rd_kafka_t*, const char*, int32_t id, int* x509_error, int,
                                                  const char*, size_t, char*, size_t, void* opaque) {
      guarded([&] { static_cast<Shared*>(opaque)->on_certificate(id); });
      if (*x509_error != 0) connection.certificate = certificate_fault(*x509_error);
      return *x509_error == 0 ? 1 : 0;
    });
    rd_kafka_conf_set_connect_cb(
        conf, [](int socket, const sockaddr* address, int size, const char* broker, void* opaque) {
          int error = ENOMEM;
          guarded([&] {
            error = static_cast<Shared*>(opaque)->connect(socket, address, static_cast<socklen_t>(size), broker);
          });
          return error;
        });
    rd_kafka_conf_interceptor_add_on_new(
        conf, "kafkascope",
        [](rd_kafka_t* rk, const rd_kafka_conf_t*, void* opaque, char*, size_t) {
          return rd_kafka_interceptor_add_on_broker_state_change(
              rk, "kafkascope",
              [](rd_kafka_t*, int32_t id, const char*, const char*, int, const char* state, void* opaque) {
                guarded([&] { static_cast<Shared*>(opaque)->on_state(id, state); });
                return RD_KAFKA_RESP_ERR_NO_ERROR;
              },
              opaque);
        },
        this);
  }
};

const char* librdkafka_version() { return rd_kafka_version_str(); }

std::string librdkafka_features() {
  const Conf conf(rd_kafka_conf_new());
  std::array<char, 512> features{};
  size_t size = features.size();
  rd_kafka_conf_get(conf.get(), "builtin.features", features.data(), &size);
  return features.data();
}

void check_properties(const config::Cluster& cluster) {
  // librdkafka looks at some values only when a client is made. This one has no server to connect to.
  config::Cluster offline = cluster;
  offline.servers.clear();
  if (offline.properties.erase("sasl.oauthbearer.token.endpoint.url") > 0) {  // it would request a token
    offline.properties.erase("sasl.oauthbearer.method");
    offline.properties["security.protocol"] = config::uses_tls(offline) ? "ssl" : "plaintext";
  }
  Conf conf = make_conf(offline);
  rd_kafka_conf_set_log_cb(conf.get(), nullptr);
  rd_kafka_destroy_flags(make_handle(std::move(conf)), RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

Client::Client(const config::Cluster& cluster, std::shared_ptr<Logins> logins)
    : request_timeout_(cluster.polling.effective_request_timeout()),
      shared_(std::make_shared<Shared>(fmt::format("{}", fmt::join(cluster.servers, ",")))) {
  Conf conf = make_conf(cluster);
  shared_->cluster = cluster.name;
  shared_->protocol = {config::uses_tls(cluster), config::uses_sasl(cluster), cluster.aws_iam.has_value()};
  shared_->token_endpoint = config::property(cluster, "sasl.oauthbearer.token.endpoint.url");
  if (cluster.aws_iam) shared_->tokens.emplace(cluster.name, *cluster.aws_iam, !logins);
  shared_->logins = logins ? std::move(logins) : std::make_shared<Logins>(cluster.polling.interval, kMaxLoginPause);
  shared_->set_callbacks(conf.get());
  handle_ = make_handle(std::move(conf));
  if (shared_->tokens) shared_->tokens->start(handle_);
  shared_->serve = std::thread([shared = shared_.get(), handle = handle_] {
    while (!shared->stop) rd_kafka_poll(handle, 100);
  });
}

Client::~Client() {
  shared_->stop = true;
  struct Done {
    std::mutex mutex;
    std::condition_variable changed;
    bool done = false;
  };
  const auto done = std::make_shared<Done>();
  std::thread destroyer([shared = shared_, handle = handle_, done] {
    shared->serve.join();
    if (shared->tokens) shared->tokens->stop();
    rd_kafka_destroy_flags(handle, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
    const std::lock_guard lock(done->mutex);
    done->done = true;
    done->changed.notify_one();
  });
  std::unique_lock lock(done->mutex);
  if (done->changed.wait_for(lock, kDestroyGrace, [&] { return done->done; })) {
    lock.unlock();
    destroyer.join();
  } else {
    some_left_running = true;
    destroyer.detach();
  }
}

bool Client::left_running() { return some_left_running; }

std::vector<int32_t> Client::await_brokers(const std::vector<int32_t>& wanted,
                                           std::chrono::steady_clock::time_point deadline,
                                           const std::function<bool()>& stopped) const {
  int state = raw_broker_state(handle_);
  while (true) {
    std::vector<int32_t> ids(kMaxBrokers);
    ids.resize(raw_brokers(handle_, ids.data(), ids.size()));
    std::sort(ids.begin(), ids.end());
    const bool enough =
        wanted.empty() ? !ids.empty() : std::includes(ids.begin(), ids.end(), wanted.begin(), wanted.end());
    if (enough || stopped() || std::chrono::steady_clock::now() >= deadline) return ids;
    state = raw_await_broker_state(handle_, state, 100);
  }
}

void Client::refresh_brokers() const { raw_refresh_brokers(handle_); }

model::Statistics Client::statistics() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->statistics;
}

model::Certificates Client::certificates() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->certificates;
}

void Client::renew_handshakes(std::chrono::steady_clock::time_point now) const {
  const auto soon = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now() + kExpiresSoon);
  for (const auto& [id, certificate] : certificates().brokers)
    if (certificate.expiry < soon && now - certificate.handshake >= kHandshakeInterval) raw_reconnect(handle_, id);
}

std::optional<Error> Client::connection_error() const {
  if (shared_->tokens)
    if (auto failure = shared_->tokens->failure()) return failure;
  const std::lock_guard lock(shared_->mutex);
  auto error = shared_->errors.worst(std::chrono::steady_clock::now());
  if (!error && !shared_->token_endpoint.empty() && !shared_->any_attempt)
    error.emplace(model::Reason::kTimeout, fmt::format("no token from {} yet", shared_->token_endpoint),
                  hint_for(Stage::kConnect, kTokenFault, shared_->protocol));
  return error;
}

void Client::forget_errors() {
  const std::lock_guard lock(shared_->mutex);
  shared_->errors.clear();
}

std::shared_ptr<Logins> Client::logins() const { return shared_->logins; }

std::optional<Error> Client::login_error(int32_t broker) const {
  const std::lock_guard lock(shared_->mutex);
  const auto known = shared_->brokers.find(broker);
  if (known == shared_->brokers.end()) return std::nullopt;
  const auto why = shared_->logins->refusal(known->second.address);
  if (!why) return std::nullopt;
  return Error(model::Reason::kAuthentication, fmt::format("broker {}: {}", broker, *why),
               hint_for(Stage::kLogin, *why, shared_->protocol));
}

bool Client::is_throttled(int32_t broker) const {
  const std::lock_guard lock(shared_->mutex);
  const auto known = shared_->throttled_until.find(broker);
  // The response with the throttle time came before the request that timed out.
  return known != shared_->throttled_until.end() && known->second + request_timeout_ > std::chrono::steady_clock::now();
}

Error Client::request_error(int32_t broker, rd_kafka_resp_err_t code, std::string_view why) const {
  if (auto refused = login_error(broker)) return *std::move(refused);
  if (reason(code) == model::Reason::kTimeout) {
    code = RD_KAFKA_RESP_ERR__TIMED_OUT;  // in a queue of librdkafka's or after it
    why = {};
  }
  if (reason(code) == model::Reason::kTimeout && is_throttled(broker))
    return Error(model::Reason::kTimeout, fmt::format("broker {} throttles this client", broker), kThrottledHint);
  const bool names_address = why.starts_with("Connect to ") || why.starts_with("Failed to connect to ");
  const std::lock_guard lock(shared_->mutex);
  const auto known = shared_->brokers.find(broker);
  if ((names_address || why.starts_with("Failed to resolve")) && known != shared_->brokers.end())
    return Error(kafka::reason(code),
                 fmt::format("broker {} does not answer: no connection to {}, learned from {}", broker,
                             known->second.address, shared_->servers),
                 kAdvertisedHint);
  if (why.empty() || names_address) return Error(code, fmt::format("broker {} does not answer", broker));
  const Stage stage = known == shared_->brokers.end() ? Stage::kUp : known->second.stage;
  const auto reason = connection_reason(code, why, stage == Stage::kTls);
  why = in_plain_words(why);
  if (stage == Stage::kTls)
    why = known->second.certificate.empty() ? handshake_fault(why) : std::string_view(known->second.certificate);
  const std::string_view effect = reason == model::Reason::kUnreachable ? " does not answer" : "";
  return Error(reason, fmt::format("broker {}{}: {}", broker, effect, why),
               stage == Stage::kUp ? "" : hint_for(stage, why, shared_->protocol));
}

}  // namespace kafkascope::kafka
