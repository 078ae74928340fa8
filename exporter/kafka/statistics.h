#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "model/connection.h"

namespace kafkascope::kafka {

/// Makes running totals of librdkafka's statistics (JSON, its STATISTICS.md), whose counters start again at 0 when a
/// broker was away, and whose windows hold the last interval only. A broker that librdkafka no longer knows leaves no
/// connection; when it comes back its totals go on.
class StatisticsReader {
 public:
  /// Throws std::runtime_error when the JSON is not what librdkafka promises; the totals are then as before.
  const model::Statistics& read(std::string_view json);

  /// Ignores one error in receiving from the broker, of the next statistics that have one: librdkafka counts one also
  /// when a broker closes an idle connection.
  void ignore_error(int32_t broker) { ++state_.ignored_errors[broker]; }

 private:
  /// Counters as librdkafka showed them last.
  using Counters = std::map<std::string, uint64_t, std::less<>>;

  struct State {
    std::map<int32_t, model::Connection> totals;
    std::map<int32_t, Counters> last;               ///< Of the brokers that it knew last.
    std::map<std::string, Counters> last_requests;  ///< By its name of the broker, then of the request kind; as `last`.
    std::map<int32_t, uint64_t> ignored_errors;     ///< Not yet subtracted.
    model::Statistics statistics;
  };
  State state_;
};

}  // namespace kafkascope::kafka
