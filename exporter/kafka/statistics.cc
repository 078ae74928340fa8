#include "kafka/statistics.h"

#include <simdjson.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

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

/// librdkafka's name of a request kind to Kafka's.
std::string kafka_name(std::string_view kind) {
  if (kind == "ApiVersion") return "ApiVersions";
  if (kind.ends_with("Request")) kind.remove_suffix(std::string_view("Request").size());
  return std::string(kind);
}

}  // namespace

const model::Statistics& StatisticsReader::read(std::string_view json) try {
  simdjson::dom::parser parser;
  const element root = parser.parse(json.data(), json.size());
  State next = state_;
  next.last.clear();
  next.last_requests.clear();
  next.statistics.connections.clear();
  const simdjson::dom::object brokers = root["brokers"];
  for (const auto [key, broker] : brokers) {
    const simdjson::dom::object requests = broker["req"];
    const std::string name(key);
    Counters& last_requests = next.last_requests[name];
    if (const auto known = state_.last_requests.find(name); known != state_.last_requests.end())
      last_requests = known->second;
    for (const auto [kind, count] : requests)
      next.statistics.requests[kafka_name(kind)] += growth(uint64_t(count), last_requests[std::string(kind)]);

    if (int64_t(broker["nodeid"]) < 0 || std::string_view(broker["source"]) != "learned") continue;
    const auto id = static_cast<int32_t>(int64_t(broker["nodeid"]));
    Counters& last = next.last[id];
    if (const auto known = state_.last.find(id); known != state_.last.end()) last = known->second;
    const auto add = [&](const char* counter, uint64_t& total) {
      total += growth(uint64_t(broker[counter]), last[counter]);
    };
    model::Connection& c = next.totals[id];
    c.broker = id;
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
    uint64_t failed = 0;
    add("rxerrs", failed);
    uint64_t& ignored = next.ignored_errors[id];
    const uint64_t subtracted = std::min(failed, ignored);
    ignored -= subtracted;
    c.errors += failed - subtracted;
    add_window(broker["rtt"], 1e-6, c.round_trip);
    add_window(broker["throttle"], 1e-3, c.throttle);
    next.statistics.connections.push_back(c);
  }
  std::sort(next.statistics.connections.begin(), next.statistics.connections.end(),
            [](auto& a, auto& b) { return a.broker < b.broker; });
  state_ = std::move(next);
  return state_.statistics;
} catch (const simdjson::simdjson_error& e) {
  throw std::runtime_error(std::string("librdkafka's statistics: ") + e.what());
}

}  // namespace kafkascope::kafka
