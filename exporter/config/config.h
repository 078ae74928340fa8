#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/filter.h"
#include "model/collector.h"
#include "model/options.h"

namespace kafkascope::config {

/// When one cluster is asked. Durations of at least one millisecond; validated against each other.
struct Polling {
  std::chrono::milliseconds interval{std::chrono::seconds(15)};
  /// A poll ends by then, whatever Kafka does. 0: the interval, at most 30 s.
  std::chrono::milliseconds deadline{0};
  /// Each request has its own shorter time. 0: a quarter of the deadline, at most 5 s.
  std::chrono::milliseconds request_timeout{0};
  /// Earliest offsets, which move slowly, are asked every this many polls.
  int earliest_every = 4;

  std::chrono::milliseconds effective_deadline() const;
  std::chrono::milliseconds effective_request_timeout() const;
  bool operator==(const Polling&) const = default;
};

struct Cluster {
  std::string name;  ///< Empty only where it is the single cluster: then no kafka_cluster label.
  std::vector<std::string> servers{"kafka:9092"};  ///< host:port
  /// librdkafka's properties: those the flags stand for (TLS, SASL) and those passed through. Holds secrets: never
  /// logged.
  std::map<std::string, std::string> properties;
  Filter topics, groups;
  Polling polling;
  /// Questions that are not asked. Never metadata, offsets, groups or group_offsets, which all else is built on.
  std::set<model::Collector> disabled_collectors;
  model::Options options;

  bool operator==(const Cluster&) const = default;
};

struct Web {
  std::vector<std::string> listen_addresses{":9308"};  ///< host:port, [v6]:port or :port for all addresses
  std::string telemetry_path = "/metrics";

  bool operator==(const Web&) const = default;
};

struct Log {
  std::string level = "info";     ///< debug, info, warn, error
  std::string format = "logfmt";  ///< logfmt, json

  bool operator==(const Log&) const = default;
};

/// A whole, valid configuration: parse() is the only maker of one that did not come from defaults.
struct Config {
  std::vector<Cluster> clusters{Cluster{}};
  std::map<std::string, std::string> labels;  ///< Constant labels on every series.
  /// Families that are left out, in every cluster's options too. Whether there are such families is not known here.
  std::set<std::string, std::less<>> disabled_families;
  Web web;
  Log log;
  /// Said once after start, a line each: settings that were accepted and do nothing here.
  std::vector<std::string> notices;
  /// What main puts into its own environment before the first thread starts: KRB5_CONFIG, which Kerberos knows no other
  /// way.
  std::map<std::string, std::string> environment;

  bool operator==(const Config&) const = default;
};

}  // namespace kafkascope::config
