#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "kafka/error.h"
#include "model/certificates.h"
#include "model/connection.h"

namespace kafkascope::kafka {

const char* librdkafka_version();
/// Returns what librdkafka was built with, such as "gzip,ssl,sasl_gssapi" (property builtin.features).
std::string librdkafka_features();

/// Throws Error for a property that librdkafka does not know or whose value it refuses. Connects to nothing.
void check_properties(const config::Cluster& cluster);

class Logins;

/// One librdkafka handle: connections to every broker of a cluster, their statistics and errors.
/// Thread-safety: every method may be called from any thread.
class Client {
 public:
  /// Starts connecting in the background. Throws Error when librdkafka refuses the configuration. `logins`: those of
  /// another client with the same user, so that both together are one in how often they try; null: its own.
  explicit Client(const config::Cluster& cluster, std::shared_ptr<Logins> logins = nullptr);
  /// Waits for kDestroyGrace at most; what librdkafka has not ended by then ends in the background.
  ~Client();
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  rd_kafka_t* handle() const { return handle_; }
  std::shared_ptr<Logins> logins() const;

  /// Returns the ids of the brokers that librdkafka knows, sorted. Waits for all of `wanted`, or for any if that is
  /// empty, until `deadline`, or until `stopped`, called ten times a second, returns true.
  std::vector<int32_t> await_brokers(const std::vector<int32_t>& wanted, std::chrono::steady_clock::time_point deadline,
                                     const std::function<bool()>& stopped) const;

  /// Requests metadata, from which librdkafka learns of brokers that are new to it. Returns at once.
  void refresh_brokers() const;

  model::Statistics statistics() const;

  /// Returns the certificates of the latest TLS handshakes, whether they succeeded or not.
  model::Certificates certificates() const;
  /// Connects anew to brokers whose certificate expires soon and was presented kHandshakeInterval ago or earlier: it
  /// may have been renewed since. Connections that are in use are left alone.
  void renew_handshakes(std::chrono::steady_clock::time_point now) const;

  /// Returns why connections fail: what explains most since the last forget_errors() (ConnectionErrors::worst).
  std::optional<Error> connection_error() const;
  void forget_errors();

  /// Returns why the last login at the broker failed; nothing if it succeeded or there was none.
  std::optional<Error> login_error(int32_t broker) const;
  /// Returns why a request to the broker failed, from librdkafka's code and text for it (empty: it has none) and from
  /// how far the connection got. The words depend on the fault only, and not on the request or on which of the broker's
  /// addresses was tried: a broker that stays away is logged once.
  Error request_error(int32_t broker, rd_kafka_resp_err_t code, std::string_view why) const;

  /// True when some Client's librdkafka threads had to be left running: the process must then end without destructors.
  static bool left_running();

 private:
  struct Shared;
  /// Returns whether the broker throttled us by a quota within the time that a request may take.
  bool is_throttled(int32_t broker) const;

  const std::chrono::milliseconds request_timeout_;
  std::shared_ptr<Shared> shared_;
  rd_kafka_t* handle_;
};

}  // namespace kafkascope::kafka
