#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kafkascope::model {

/// Name of a collector in labels, YAML keys and the log. Those below are for Kafka clusters; other kinds of targets
/// define their own.
struct Collector {
  std::string_view name;  ///< A string literal.

  auto operator<=>(const Collector&) const = default;

  static const Collector kMetadata, kOffsets, kGroups, kGroupOffsets, kTopicConfigs, kLogDirs, kQuorum, kReassignments,
      kShareGroups, kTimeLag, kRecordTimes, kTransactions, kFeatures;
};

inline constexpr Collector Collector::kMetadata{"metadata"}, Collector::kOffsets{"offsets"},
    Collector::kGroups{"groups"}, Collector::kGroupOffsets{"group_offsets"}, Collector::kTopicConfigs{"topic_configs"},
    Collector::kLogDirs{"log_dirs"}, Collector::kQuorum{"quorum"}, Collector::kReassignments{"reassignments"},
    Collector::kShareGroups{"share_groups"}, Collector::kTimeLag{"time_lag"}, Collector::kRecordTimes{"record_times"},
    Collector::kTransactions{"transactions"}, Collector::kFeatures{"features"};

/// Collectors of a Kafka cluster, in the order of lists.
inline constexpr std::array kKafkaCollectors{
    Collector::kMetadata,     Collector::kOffsets, Collector::kGroups,      Collector::kGroupOffsets,
    Collector::kTopicConfigs, Collector::kLogDirs, Collector::kQuorum,      Collector::kReassignments,
    Collector::kShareGroups,  Collector::kTimeLag, Collector::kRecordTimes, Collector::kTransactions,
    Collector::kFeatures};

inline std::string_view name(const Collector& collector) { return collector.name; }

/// Why a request got no usable response.
enum class Reason : uint8_t { kAuthentication, kAuthorization, kTls, kUnreachable, kTimeout, kProtocol, kOther };

inline constexpr std::array<std::string_view, 7> kReasonNames{"authentication", "authorization", "tls",  "unreachable",
                                                              "timeout",        "protocol",      "other"};

inline std::string_view name(Reason reason) { return kReasonNames[static_cast<size_t>(reason)]; }

struct Failure {
  Reason reason;
  std::string what;        ///< What failed; the same text for the same failure.
  std::string hint = {};   ///< Likely cause and fix; empty: none.
  bool transient = false;  ///< Recovers without action, such as a coordinator that is loading.

  bool operator==(const Failure&) const = default;
};

/// The result of one run of a collector.
struct CollectorRun {
  Collector collector;
  double seconds = 0;
  std::vector<Failure> failures;
  bool skipped = false;  ///< Not run because a collector that it depends on failed; see `failures`.

  bool success() const { return failures.empty(); }
};

/// Returns the run of a collector, or null.
inline const CollectorRun* find_run(const std::vector<CollectorRun>& runs, const Collector& collector) {
  const auto run =
      std::find_if(runs.begin(), runs.end(), [&](const CollectorRun& run) { return run.collector == collector; });
  return run == runs.end() ? nullptr : &*run;
}

}  // namespace kafkascope::model
