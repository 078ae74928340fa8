#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kafka/error.h"
#include "model/collector.h"

namespace kafkascope::kafka {

/// Returns whether Kafka's error passes by itself while leaders and coordinators move or load.
constexpr bool transient(int16_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
      return true;
    default:
      return false;
  }
}

/// The failures of one run of a collector: each once, and few of those that are alike for a thousand topics.
class Failures {
 public:
  static constexpr size_t kMost = 20;

  void add(model::Failure failure) {
    if (list_.size() < kMost && std::find(list_.begin(), list_.end(), failure) == list_.end())
      list_.push_back(std::move(failure));
  }
  void add(const Error& error) { add(error.failure()); }
  void add(rd_kafka_resp_err_t code, const std::string& doing) {
    auto failure = Error(code, doing).failure();
    failure.transient = transient(code);
    add(std::move(failure));
  }
  /// Notes a permission that refines the result; without it nothing fails. `hint`: what to grant, and what for.
  void note_missing_permission(std::string_view hint) { missing_permissions_.emplace(hint); }
  const std::set<std::string, std::less<>>& missing_permissions() const { return missing_permissions_; }
  bool empty() const { return list_.empty(); }
  std::vector<model::Failure> take() { return std::move(list_); }

 private:
  std::vector<model::Failure> list_;
  std::set<std::string, std::less<>> missing_permissions_;
};

}  // namespace kafkascope::kafka
