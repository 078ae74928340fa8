#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/collector.h"
#include "model/lag_options.h"
#include "model/options.h"
#include "model/progress.h"
#include "model/snapshot.h"

namespace kafkascope::report {

/// A partition that a group has committed an offset on or that is assigned to one of its members. Views refer to the
/// snapshot.
struct LagRow {
  std::string_view cluster = {};  ///< Empty: it has no name.
  std::string_view group = {}, topic = {};
  int32_t partition = 0;
  std::optional<int64_t> committed = {}, end = {}, lag = {};
  std::optional<double> lag_seconds = {};
  std::optional<model::Status> status = {};
  const model::Member* member = nullptr;  ///< Null: assigned to nobody.
};

/// Why a collector failed.
struct CollectorError {
  std::string cluster, collector;
  model::Failure failure;

  bool operator==(const CollectorError&) const = default;
};

struct LagReport {
  double unix_seconds = 0;
  std::vector<LagRow> rows = {};
  std::vector<CollectorError> errors = {};
};

/// Appends the rows of a cluster, sorted by group, topic and partition.
void add_lag_rows(std::string_view cluster, const model::Snapshot& snapshot, const model::Options& options,
                  std::vector<LagRow>& rows);

/// Sorts by lag or lag in seconds, largest first and unknown last; rows with the same value keep their order.
void sort_rows(std::vector<LagRow>& rows, model::LagOrder order);

/// Returns a line on an error.
std::string describe(const CollectorError& error);

/// Returns the rows as a table. `width`: columns of the terminal, `height`: its lines; 0: unlimited.
std::string lag_table(const LagReport& report, size_t width, size_t height);
/// Returns the report as a JSON document on one line.
std::string lag_json(const LagReport& report);
/// Returns the rows as CSV (RFC 4180). `heading`: begins with the names of the columns.
std::string lag_csv(const LagReport& report, bool heading);

}  // namespace kafkascope::report
