#include "kafka/statistics.h"

#include <simdjson.h>

#include <algorithm>
#include <stdexcept>

namespace kafkascope::kafka {
namespace {

using simdjson::dom::element;

/// How much a counter has grown since `last`, which is brought up to date; a counter below it has begun anew.
uint64_t growth(uint64_t now, uint64_t& last) {
  const uint64_t grown = now >= last ? now - last : now;
  last = now;
  return grown;
}

double number(element object, const char* key) { return double(object[key]); }

void add_window(element window, double unit_seconds, model::Window& total) {
  const auto count = static_cast<uint64_t>(number(window, "cnt"));
  if (count == 0) return;
  total.count += count;
  total.sum_seconds += number(window, "sum") * unit_seconds;
  total.p50_seconds = number(window, "p50") * unit_seconds;
  total.p95_seconds = number(window, "p95") * unit_seconds;
  total.p99_seconds = number(window, "p99") * unit_seconds;
}

}  // namespace

const model::Statistics& StatisticsReader::read(std::string_view json) try {
  simdjson::dom::parser parser;
  const element root = parser.parse(json.data(), json.size());
  std::vector<model::Connection> connections;
  const simdjson::dom::object brokers = root["brokers"];
  for (const auto [name, broker] : brokers) {
    const simdjson::dom::object requests = broker["req"];
    auto& last_requests = last_requests_[std::string(name)];
    for (const auto [kind, count] : requests)
      statistics_.requests[std::string(kind)] += growth(uint64_t(count), last_requests[std::string(kind)]);

    const auto id = int64_t(broker["nodeid"]);
    if (id < 0 || std::string_view(broker["source"]) != "learned") continue;
    Totals& totals = totals_[static_cast<int32_t>(id)];
    const auto add = [&](const char* key, uint64_t& total) {
      total += growth(uint64_t(broker[key]), totals.last[key]);
    };
    model::Connection& c = totals.connection;
    c.broker = static_cast<int32_t>(id);
    c.connected = std::string_view(broker["state"]) == "UP";
    c.state_age_seconds = number(broker, "stateage") / 1e6;
    c.in_flight = static_cast<uint64_t>(number(broker, "waitresp_cnt"));
    add("tx", c.requests);
    add("rx", c.responses);
    add("txbytes", c.sent_bytes);
    add("rxbytes", c.received_bytes);
    add("txretries", c.retries);
    add("req_timeouts", c.timeouts);
    add("connects", c.connects);
    add("disconnects", c.disconnects);
    add("txerrs", c.errors);
    add("rxerrs", c.errors);
    add_window(broker["rtt"], 1e-6, c.round_trip);
    add_window(broker["throttle"], 1e-3, c.throttle);
    connections.push_back(c);
  }
  std::sort(connections.begin(), connections.end(), [](auto& a, auto& b) { return a.broker < b.broker; });
  statistics_.connections = std::move(connections);
  return statistics_;
} catch (const simdjson::simdjson_error& e) {
  throw std::runtime_error(std::string("librdkafka's statistics: ") + e.what());
}

}  // namespace kafkascope::kafka
