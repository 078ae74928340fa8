#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/collector.h"
#include "model/endpoint.h"

namespace kafkascope::report {

/// kWarning: works, but less than it could, or not for long. kUnknown: something that it needs failed.
enum class Outcome : uint8_t { kOk, kWarning, kFailed, kUnknown, kOff };

/// A line of the result.
struct CheckLine {
  std::string area;     ///< name, connection, tls, login, broker, version, collector, visible, cost
  std::string subject;  ///< The address, broker or collector.
  Outcome outcome = Outcome::kOk;
  std::string text;      ///< What was found, or what is wrong.
  std::string fix = {};  ///< What to do; empty: nothing.

  bool operator==(const CheckLine&) const = default;
};

/// A broker that the metadata lists.
struct BrokerFacts {
  int32_t id = 0;
  std::string address;
  bool responded = false;
  std::optional<int64_t> metadata_version = {};  ///< The highest that it supports; nothing: unknown, or none.
};

/// Topics that a user may not read, of those it may describe.
struct TopicRights {
  size_t topics = 0, unreadable = 0;
};

/// What a check found out about a cluster.
struct ClusterFacts {
  std::string name;
  std::string server;     ///< The first bootstrap server, for commands.
  std::string mechanism;  ///< Of SASL; empty: no login.
  std::string user;       ///< Empty: unknown.
  bool tls = false, verified = true, name_verified = true;
  std::vector<model::Endpoint> endpoints;
  bool up = false;
  std::vector<BrokerFacts> brokers;
  std::vector<std::string> disabled;      ///< Collectors.
  std::vector<model::CollectorRun> runs;  ///< The last of each collector.
  std::optional<TopicRights> rights;
  size_t topics = 0, omitted_topics = 0, partitions = 0, groups = 0;
  double poll_seconds = 0;
  double now_unix_seconds = 0;
};

struct CheckedCluster {
  std::string name;
  std::vector<CheckLine> lines;
};

struct CheckReport {
  std::vector<CheckedCluster> clusters;
  size_t page_bytes = 0, page_gzip_bytes = 0, series = 0;

  /// Returns whether everything that is configured works.
  bool good() const;
};

/// Returns the lines on a cluster.
std::vector<CheckLine> check_lines(const ClusterFacts& facts);

/// Returns Kafka's release with this highest metadata.version, such as 4.1; empty: not known.
std::string_view kafka_release(int64_t metadata_version);

/// Returns the report as lines for a terminal.
std::string check_text(const CheckReport& report);
/// Returns the report as a JSON document on one line.
std::string check_json(const CheckReport& report);

}  // namespace kafkascope::report
