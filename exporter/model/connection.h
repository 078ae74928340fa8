#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace kafkascope::model {

/// Running sum of a windowed librdkafka value, with the quantiles of the last non-empty window.
struct Window {
  double sum_seconds = 0;
  uint64_t count = 0;
  double p50_seconds = 0, p95_seconds = 0, p99_seconds = 0;
};

/// State and counters of librdkafka's connection to one broker. Counters never decrease while the broker is known.
struct Connection {
  int32_t broker;
  bool connected = false;
  double state_age_seconds = 0;
  uint64_t requests = 0, responses = 0, sent_bytes = 0, received_bytes = 0;
  uint64_t errors = 0, retries = 0, timeouts = 0, connects = 0, disconnects = 0;
  uint64_t in_flight = 0;
  Window round_trip, throttle;
};

/// librdkafka's statistics for the connections used by every poll.
struct Statistics {
  std::vector<Connection> connections;  // sorted by broker
  /// Requests that librdkafka sent by itself, by Kafka's name of the request.
  std::map<std::string, uint64_t> requests;
};

}  // namespace kafkascope::model
