#pragma once

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <spdlog/spdlog.h>

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "config/config.h"
#include "kafka/client.h"
#include "kafka/request_batch.h"
#include "model/snapshot.h"

namespace kafkascope::kafka {

using namespace std::chrono_literals;

inline config::Cluster cluster_at(std::vector<std::string> servers) {
  spdlog::default_logger_raw();  // made here, as main does, and not by whichever of librdkafka's threads logs first
  config::Cluster cluster;
  cluster.servers = std::move(servers);
  cluster.polling.interval = 1s;
  cluster.polling.deadline = 1min;
  cluster.polling.request_timeout = 1min;  // a test of time-outs sets its own
  return cluster;
}

/// librdkafka's own stand-in for a cluster, with brokers 1 to `brokers`, for what happens to connections.
class MockKafka {
 public:
  explicit MockKafka(int brokers) {
    std::array<char, 512> why{};
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set_log_cb(conf, nullptr);
    rk_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, why.data(), why.size());
    REQUIRE(rk_);
    cluster_ = rd_kafka_mock_cluster_new(rk_, brokers);
    REQUIRE(cluster_);
  }
  ~MockKafka() {
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(rk_);
  }
  MockKafka(const MockKafka&) = delete;
  MockKafka& operator=(const MockKafka&) = delete;

  rd_kafka_mock_cluster_t* cluster() const { return cluster_; }

  /// Broker 1 alone: of the others a client learns from it.
  config::Cluster config() const {
    const std::string servers = rd_kafka_mock_cluster_bootstraps(cluster_);
    return cluster_at({servers.substr(0, servers.find(','))});
  }

  void set_round_trip(int32_t broker, std::chrono::milliseconds time) {
    REQUIRE(!rd_kafka_mock_broker_set_rtt(cluster_, broker, static_cast<int>(time.count())));
  }

 private:
  rd_kafka_t* rk_;
  rd_kafka_mock_cluster_t* cluster_;
};

inline bool never() { return false; }

/// A client that knows the brokers 1 to `brokers`.
inline std::unique_ptr<Client> connected(const config::Cluster& cluster, int32_t brokers) {
  auto client = std::make_unique<Client>(cluster);
  std::vector<int32_t> ids;
  for (int32_t id = 1; id <= brokers; ++id) ids.push_back(id);
  REQUIRE(client->await_brokers(ids, std::chrono::steady_clock::now() + 1min, never) == ids);
  return client;
}

inline RequestBatch requests_to(const Client& client, std::chrono::milliseconds timeout = 1min) {
  return RequestBatch(client, std::chrono::steady_clock::now() + 1min, timeout, never);
}

}  // namespace kafkascope::kafka
