#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace kafkascope::model {

/// One question, or one family of questions, to Kafka.
enum class Collector : uint8_t {
  kMetadata,
  kOffsets,
  kGroups,
  kGroupOffsets,
  kTopicConfigs,
  kLogDirs,
  kQuorum,
  kReassignments,
  kShareGroups,
  kTimeLag
};

/// Their one name everywhere: label, YAML switch, log. In the order of the enumeration.
inline constexpr std::array<std::string_view, 10> kCollectorNames{
    "metadata", "offsets", "groups",        "group_offsets", "topic_configs",
    "log_dirs", "quorum",  "reassignments", "share_groups",  "time_lag"};
inline constexpr size_t kCollectors = kCollectorNames.size();

inline std::string_view name(Collector collector) { return kCollectorNames[static_cast<size_t>(collector)]; }

/// Why a question got no answer that we can use.
enum class Reason : uint8_t { kAuthentication, kAuthorization, kTls, kUnreachable, kTimeout, kProtocol, kOther };

inline constexpr std::array<std::string_view, 7> kReasonNames{"authentication", "authorization", "tls",  "unreachable",
                                                              "timeout",        "protocol",      "other"};

inline std::string_view name(Reason reason) { return kReasonNames[static_cast<size_t>(reason)]; }

struct Failure {
  Reason reason;
  std::string what;  ///< What was being done and what went wrong, the same words each time it happens again.

  bool operator==(const Failure&) const = default;
};

/// How a collector fared in one poll.
struct CollectorRun {
  Collector collector;
  double seconds = 0;
  std::vector<Failure> failures;

  bool success() const { return failures.empty(); }
};

}  // namespace kafkascope::model
