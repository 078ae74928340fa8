#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace kafkascope::model {

/// A running sum of a value that librdkafka measures in windows, with the quantiles of the last window that had any.
struct Window {
  double sum_seconds = 0;
  uint64_t count = 0;
  double p50_seconds = 0, p95_seconds = 0, p99_seconds = 0;
};

/// How librdkafka's connection to one broker fares. Counters never fall while the broker is known.
struct Connection {
  int32_t broker;
  bool connected = false;
  double state_age_seconds = 0;
  uint64_t requests = 0, responses = 0, sent_bytes = 0, received_bytes = 0;
  uint64_t errors = 0, retries = 0, timeouts = 0, connects = 0, disconnects = 0;
  uint64_t in_flight = 0;
  Window round_trip, throttle;
};

/// What librdkafka's statistics say of the connections that every poll uses.
struct Statistics {
  std::vector<Connection> connections;       // sorted by broker
  std::map<std::string, uint64_t> requests;  ///< librdkafka's own, by Kafka's name of the request kind, all brokers.
};

}  // namespace kafkascope::model
