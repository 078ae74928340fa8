#pragma once

#include <cstdint>
#include <string>

namespace kafkascope::model {

enum class OutputFormat : uint8_t { kTable, kJson, kCsv };

/// Order of partitions in a list: by group and partition, or with the largest value first.
enum class LagOrder : uint8_t { kGroup, kLag, kSeconds };

/// Options of the command lag.
struct LagOptions {
  std::string group;  ///< Expression that replaces the filter of groups; empty: keep it.
  LagOrder order = LagOrder::kGroup;
  bool watch = false;
  OutputFormat output = OutputFormat::kTable;
};

}  // namespace kafkascope::model
