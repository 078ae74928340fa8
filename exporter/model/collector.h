#pragma once

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kafkascope::model {

/// A collector by the one name that it has everywhere: label, YAML key, log. Each makes one kind of request, or one
/// family of them. Those here are of Kafka clusters; other kinds of targets define their own.
struct Collector {
  std::string_view name;  ///< Of a string literal.

  auto operator<=>(const Collector&) const = default;

  static const Collector kMetadata, kOffsets, kGroups, kGroupOffsets, kTopicConfigs, kLogDirs, kQuorum, kReassignments,
      kShareGroups, kTimeLag;
};

inline constexpr Collector Collector::kMetadata{"metadata"}, Collector::kOffsets{"offsets"},
    Collector::kGroups{"groups"}, Collector::kGroupOffsets{"group_offsets"}, Collector::kTopicConfigs{"topic_configs"},
    Collector::kLogDirs{"log_dirs"}, Collector::kQuorum{"quorum"}, Collector::kReassignments{"reassignments"},
    Collector::kShareGroups{"share_groups"}, Collector::kTimeLag{"time_lag"};

/// Those of a Kafka cluster, in the order in which they are listed.
inline constexpr std::array kKafkaCollectors{
    Collector::kMetadata,     Collector::kOffsets, Collector::kGroups, Collector::kGroupOffsets,
    Collector::kTopicConfigs, Collector::kLogDirs, Collector::kQuorum, Collector::kReassignments,
    Collector::kShareGroups,  Collector::kTimeLag};

inline std::string_view name(const Collector& collector) { return collector.name; }

/// Why a request got no usable response.
enum class Reason : uint8_t { kAuthentication, kAuthorization, kTls, kUnreachable, kTimeout, kProtocol, kOther };

inline constexpr std::array<std::string_view, 7> kReasonNames{"authentication", "authorization", "tls",  "unreachable",
                                                              "timeout",        "protocol",      "other"};

inline std::string_view name(Reason reason) { return kReasonNames[static_cast<size_t>(reason)]; }

struct Failure {
  Reason reason;
  std::string what;        ///< What was being done and what went wrong, the same words each time it happens again.
  std::string hint = {};   ///< The likely cause and what to change; empty: none.
  bool transient = false;  ///< Expected to pass by itself, such as while a coordinator loads.

  bool operator==(const Failure&) const = default;
};

/// The result of one run of a collector.
struct CollectorRun {
  Collector collector;
  double seconds = 0;
  std::vector<Failure> failures;
  bool skipped = false;  ///< It did not run because another one that it depends on failed; `failures` says which.

  bool success() const { return failures.empty(); }
};

/// The run of a collector, or null.
inline const CollectorRun* find_run(const std::vector<CollectorRun>& runs, const Collector& collector) {
  const auto run =
      std::find_if(runs.begin(), runs.end(), [&](const CollectorRun& run) { return run.collector == collector; });
  return run == runs.end() ? nullptr : &*run;
}

}  // namespace kafkascope::model
