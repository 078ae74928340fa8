#include <map>
#include <string>

#include "families/page_sections.h"

namespace kafkascope::families {

using model::Connection;

namespace {

void write_window(const model::Window& window, int32_t broker, SampleWriter& s) {
  if (window.count > 0) {
    s.with("id", broker).with(label("quantile", "0.5")).value(window.p50_seconds);
    s.with("id", broker).with(label("quantile", "0.95")).value(window.p95_seconds);
    s.with("id", broker).with(label("quantile", "0.99")).value(window.p99_seconds);
  }
  s.suffix("_sum").with("id", broker).value(window.sum_seconds);
  s.suffix("_count").with("id", broker).value(static_cast<int64_t>(window.count));
}

}  // namespace

void write_client(const PageContext& w) {
  const model::Snapshot& snapshot = w.snapshot;
  FamilyWriter& out = w.out;
  const auto& connections = snapshot.statistics.connections;
  const auto by_broker = [&](const FamilyDescription& head, const auto& of) {
    out.family(head, [&](SampleWriter& s) {
      for (const Connection& c : connections) s.with("id", c.broker).value(of(c));
    });
  };
  const auto counter = [&](std::string_view name, std::string_view help, uint64_t Connection::*member) {
    by_broker({name, help, Type::kCounter}, [member](const Connection& c) { return static_cast<int64_t>(c.*member); });
  };

  by_broker({"kafka_exporter_client_connected", "1 if the connection to the broker is up, else 0."},
            [](const Connection& c) { return int64_t{c.connected}; });
  by_broker({"kafka_exporter_client_state_age_seconds", "Time since the connection's state last changed."},
            [](const Connection& c) { return c.state_age_seconds; });
  counter("kafka_exporter_client_requests_total", "Requests sent to the broker.", &Connection::requests);
  counter("kafka_exporter_client_responses_total", "Responses received from the broker.", &Connection::responses);
  counter("kafka_exporter_client_sent_bytes_total", "Bytes sent to the broker.", &Connection::sent_bytes);
  counter("kafka_exporter_client_received_bytes_total", "Bytes received from the broker.", &Connection::received_bytes);
  counter("kafka_exporter_client_errors_total", "Transmission and receive errors on the connection to the broker.",
          &Connection::errors);
  counter("kafka_exporter_client_retries_total", "Requests to the broker that librdkafka retried.",
          &Connection::retries);
  counter("kafka_exporter_client_timeouts_total", "Requests to the broker that timed out.", &Connection::timeouts);
  counter("kafka_exporter_client_connects_total", "Connection attempts to the broker.", &Connection::connects);
  counter("kafka_exporter_client_disconnects_total", "Connections to the broker that were closed.",
          &Connection::disconnects);
  by_broker({"kafka_exporter_client_requests_in_flight", "Requests sent to the broker that await a response."},
            [](const Connection& c) { return static_cast<int64_t>(c.in_flight); });
  out.family({"kafka_exporter_client_rtt_seconds",
              "Round-trip time of requests to the broker. Quantiles cover the last non-empty window of librdkafka's "
              "statistics.",
              Type::kSummary},
             [&](SampleWriter& s) {
               for (const Connection& c : connections) write_window(c.round_trip, c.broker, s);
             });
  out.family({"kafka_exporter_client_throttle_seconds",
              "Time for which the broker throttled this exporter. Quantiles cover the last non-empty window of "
              "librdkafka's statistics.",
              Type::kSummary},
             [&](SampleWriter& s) {
               for (const Connection& c : connections) write_window(c.throttle, c.broker, s);
             });

  out.family({"kafka_exporter_kafka_requests_total",
              "Requests sent to the cluster, including librdkafka's own, by Kafka's request name.", Type::kCounter},
             [&](SampleWriter& s) {
               auto requests = snapshot.requests;
               for (const auto& [api, count] : snapshot.statistics.requests) requests[api] += count;
               for (const auto& [api, count] : snapshot.own_requests) requests[api] += count;
               for (const auto& [api, count] : requests)
                 if (count > 0) s.with(label("api", api)).value(static_cast<int64_t>(count));
             });
}

}  // namespace kafkascope::families
