#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace kafkascope::kafka {

/// Limits how often a broker that refuses logins is connected to, because an account may be locked after a few failed
/// logins. Brokers are identified by their address, host:port. Thread-safety: every method may be called from any
/// thread.
class Logins {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::milliseconds;

  /// The pause after the first refused login; it doubles with each further one, up to `max_pause` or the first pause,
  /// whichever is longer.
  Logins(Duration first_pause, Duration max_pause);

  /// Returns whether the broker may be connected to now. After a refused login that is one caller at the end of each
  /// pause: it has to report refused(), forget() or not_reached().
  bool may_connect(const std::string& broker, Time now);

  /// Notes a login that failed. An empty `why` keeps the reason of the one before.
  void refused(const std::string& broker, const std::string& why, Time now);
  /// Replaces the reason of the last refused login, if there is one.
  void explain(const std::string& broker, const std::string& why);
  /// Notes a login that succeeded, or one that the broker cannot have refused.
  void forget(const std::string& broker);
  /// Notes a connection that broke before the login began.
  void not_reached(const std::string& broker, Time now);

  /// Returns why the broker's last login failed; nothing if it succeeded or there was none.
  std::optional<std::string> refusal(const std::string& broker) const;

 private:
  struct Refusal {
    std::string why;
    Duration pause;
    Time next;           ///< No connection before.
    bool retry = false;  ///< One is being made.
  };

  const Duration first_pause_, max_pause_;
  mutable std::mutex mutex_;
  std::map<std::string, Refusal> refusals_;
};

}  // namespace kafkascope::kafka
