#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "model/connection.h"

namespace kafkascope::kafka {

/// Makes running totals of librdkafka's statistics (JSON, its STATISTICS.md), whose counters start again at 0 when a broker
/// was away, and whose windows hold the last interval only. A broker that librdkafka no longer knows leaves no connection;
/// when it comes back its totals go on.
class StatisticsReader {
 public:
  /// Throws std::runtime_error when the JSON is not what librdkafka promises; the totals are then as before.
  const model::Statistics& read(std::string_view json);

 private:
  struct Totals {
    std::map<std::string, uint64_t, std::less<>> last;  ///< Counters as librdkafka showed them last.
    model::Connection connection;
  };

  std::map<int32_t, Totals> totals_;
  std::map<std::string, std::map<std::string, uint64_t>> last_requests_;  ///< By librdkafka's broker name, then kind.
  model::Statistics statistics_;
};

}  // namespace kafkascope::kafka
