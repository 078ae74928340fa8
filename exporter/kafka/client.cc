#include "kafka/client.h"

#include <fmt/core.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "kafka/raw_request.h"
#include "kafka/statistics.h"

namespace kafkascope::kafka {
namespace {

constexpr size_t kMaxBrokers = 10'000;  // librdkafka's own limit
constexpr std::chrono::seconds kDestroyGrace{1};
constexpr int kDebugLevel = 7;  // syslog's

std::atomic<bool> some_left_running{false};

struct ConfDeleter {
  void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
using Conf = std::unique_ptr<rd_kafka_conf_t, ConfDeleter>;

void set(rd_kafka_conf_t* conf, const std::string& key, const std::string& value) {
  std::array<char, 512> why{};
  const auto result = rd_kafka_conf_set(conf, key.c_str(), value.c_str(), why.data(), why.size());
  if (result == RD_KAFKA_CONF_OK) return;
  // librdkafka's words repeat the value, which may be a secret, when it is the value that is wrong.
  throw Error(model::Reason::kOther, result == RD_KAFKA_CONF_UNKNOWN
                                         ? fmt::format("kafka property {}: {}", key, why.data())
                                         : fmt::format("kafka property {}: librdkafka refuses its value", key));
}

Conf make_conf(const config::Cluster& cluster) {
  Conf conf(rd_kafka_conf_new());
  const auto milliseconds = [](auto duration) { return std::to_string(duration.count()); };
  std::string servers;
  for (const auto& server : cluster.servers) servers += (servers.empty() ? "" : ",") + server;
  set(conf.get(), "bootstrap.servers", servers);
  set(conf.get(), "client.id", "kafkascope");
  set(conf.get(), "enable.sparse.connections", "false");  // a connection to every broker, also an idle one
  set(conf.get(), "enable.metrics.push", "false");
  set(conf.get(), "log.connection.close", "false");
  // An answer about 500 groups of many members may be large. Not above 1.2 GB: that is how "HTTP" reads as a length.
  set(conf.get(), "receive.message.max.bytes", "1000000000");
  set(conf.get(), "reconnect.backoff.max.ms", "1000");  // a broker that is back is asked again in the next poll
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

/// A refused password or certificate also looks like a connection that broke.
int severity(model::Reason reason) {
  switch (reason) {
    case model::Reason::kAuthentication:
      return 3;
    case model::Reason::kTls:
      return 2;
    default:
      return 1;
  }
}

}  // namespace

/// What librdkafka's callbacks write to. It outlives the handle.
struct Client::Shared {
  std::string cluster;  // for log lines
  mutable std::mutex mutex;
  StatisticsReader reader;
  model::Statistics statistics;
  std::optional<Error> error;
  std::atomic<bool> stop{false};
  std::thread serve;

  static Shared& of(const rd_kafka_t* rk) { return *static_cast<Shared*>(rd_kafka_opaque(rk)); }

  void on_statistics(std::string_view json) try {
    const std::lock_guard lock(mutex);
    statistics = reader.read(json);
  } catch (const std::exception& e) {
    spdlog::warn("{}{}", cluster, e.what());
  }

  /// Keeps the worst. The words lose what differs from one time to the next: "(after 5ms in state …)".
  void on_error(model::Reason reason, std::string_view why) {
    const std::lock_guard lock(mutex);
    if (!error || severity(reason) > severity(error->reason()))
      error.emplace(reason, std::string(why.substr(0, why.find(" (after "))));
  }
};

const char* librdkafka_version() { return rd_kafka_version_str(); }

void check_properties(const config::Cluster& cluster) { make_conf(cluster); }

Client::Client(const config::Cluster& cluster) : shared_(std::make_shared<Shared>()) {
  Conf conf = make_conf(cluster);
  shared_->cluster = cluster.name.empty() ? "" : cluster.name + ": ";
  rd_kafka_conf_set_opaque(conf.get(), shared_.get());
  rd_kafka_conf_set_stats_cb(conf.get(), [](rd_kafka_t*, char* json, size_t size, void* opaque) {
    static_cast<Shared*>(opaque)->on_statistics({json, size});
    return 0;
  });
  rd_kafka_conf_set_error_cb(conf.get(), [](rd_kafka_t*, int code, const char* why, void* opaque) {
    spdlog::debug("{}librdkafka: {}", static_cast<Shared*>(opaque)->cluster, why);
    static_cast<Shared*>(opaque)->on_error(kafka::reason(static_cast<rd_kafka_resp_err_t>(code)), why);
  });
  rd_kafka_conf_set_log_cb(conf.get(), [](const rd_kafka_t* rk, int level, const char* facility, const char* text) {
    Shared& shared = Shared::of(rk);
    spdlog::debug("{}librdkafka: {}: {}", shared.cluster, facility, text);
    // Some failures are told here only, that of the wrong security.protocol for one.
    if (level < kDebugLevel && std::string_view(facility) == "FAIL") shared.on_error(model::Reason::kUnreachable, text);
  });

  std::array<char, 512> why{};
  handle_ = rd_kafka_new(RD_KAFKA_CONSUMER, conf.get(), why.data(), why.size());
  if (!handle_) throw Error(model::Reason::kOther, fmt::format("librdkafka refuses the configuration: {}", why.data()));
  conf.release();  // rd_kafka_new() took it
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

std::optional<Error> Client::connection_error() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->error;
}

void Client::forget_errors() {
  const std::lock_guard lock(shared_->mutex);
  shared_->error.reset();
}

}  // namespace kafkascope::kafka
