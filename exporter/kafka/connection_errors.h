#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "kafka/error.h"
#include "kafka/hint.h"

namespace kafkascope::kafka {

/// Why a client's connections fail, and which of the causes explains most. Not thread-safe.
class ConnectionErrors {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `servers`: the bootstrap servers, for texts.
  explicit ConnectionErrors(std::string servers) : servers_(std::move(servers)) {}

  /// `stage`: how far the connection got.
  void add(const Error& error, Stage stage, Time now);
  /// No connection to an address that a broker advertises. `why`: librdkafka's text.
  void add_unreachable(const AdvertisedBroker& broker, model::Reason reason, std::string_view why, Time now);
  /// Says only that connections fail.
  void add_effect(const Error& error, Time now);

  /// Returns the cause that explains most: authentication, TLS, unreachable advertised addresses, then the connection
  /// that got furthest; timeouts last. Of equal ones it is the first, so that the text is the same in each poll. A
  /// cause counts for a minute after it was last seen, a refused login until after the next attempt.
  std::optional<Error> worst(Time now) const;
  void clear() { causes_.clear(); }

 private:
  struct Cause {
    Error error;
    int rank;
    Time until;
    std::optional<int32_t> broker;  ///< One that cannot be reached at `address`.
    std::string address;
  };
  void add(Cause cause, Time now);
  Error unreachable(const Cause& first, Time now) const;

  std::string servers_;
  std::vector<Cause> causes_;
};

}  // namespace kafkascope::kafka
