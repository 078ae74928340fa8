#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "config/dead_letters.h"
#include "config/filter.h"
#include "config/name_labels.h"
#include "model/collector.h"
#include "model/options.h"

namespace kafkascope::config {

/// When one cluster is polled. Durations are at least one millisecond and validated against each other.
struct Polling {
  std::chrono::milliseconds interval{std::chrono::seconds(15)};
  /// A poll ends by then, whether Kafka answers or not. 0: the interval, at most 30 s.
  std::chrono::milliseconds deadline{0};
  /// Timeout of each request. 0: a quarter of the deadline, at most 5 s.
  std::chrono::milliseconds request_timeout{0};
  /// Earliest offsets, which move slowly, are requested every this many polls.
  int earliest_every = 4;

  std::chrono::milliseconds effective_deadline() const;
  std::chrono::milliseconds effective_request_timeout() const;
  bool operator==(const Polling&) const = default;
};

/// Logins at MSK with AWS IAM.
struct AwsIam {
  std::string region;   ///< Of the Kafka cluster.
  std::string profile;  ///< Of AWS' shared files; empty: credentials are looked for wherever AWS' SDKs do.

  bool operator==(const AwsIam&) const = default;
};

/// Constant labels: name and value.
using Labels = std::map<std::string, std::string>;

struct Cluster {
  std::string name;  ///< Empty only for a single cluster, which then has no kafka_cluster label.
  std::vector<std::string> servers{"kafka:9092"};  ///< host:port
  /// Properties of librdkafka, from TLS and SASL settings or passed through. Contains secrets: never log it.
  std::map<std::string, std::string> properties;
  std::optional<AwsIam> aws_iam;  ///< The source of tokens for sasl.mechanism OAUTHBEARER; nothing: librdkafka's own.
  /// Files that the settings name, such as passwords and certificates, with a hash of their content. A cluster whose
  /// files changed is another one.
  std::map<std::string, size_t> files;
  Filter topics, groups;
  NameLabels topic_labels, group_labels;
  DeadLetters dead_letters;
  Polling polling;
  /// Never contains metadata, offsets, groups or group_offsets, which all others depend on.
  std::set<model::Collector> disabled_collectors;
  model::Options options;

  bool operator==(const Cluster&) const = default;
};

/// TLS of the connections to a ZooKeeper ensemble. Files are PEM; empty: the system's CAs, no client certificate.
struct ZooKeeperTls {
  bool enabled = false;
  bool verify_server_name = true;  ///< Whether the certificate must be for the host of the server.
  std::string ca_file, cert_file, key_file;

  bool operator==(const ZooKeeperTls&) const = default;
};

/// A ZooKeeper ensemble.
struct ZooKeeper {
  std::string name;                  ///< Value of the label zk_ensemble.
  std::vector<std::string> servers;  ///< host:port
  int expected_size = 0;             ///< Number of voting servers. 0: that of `servers`.
  bool all_values = false;           ///< Whether to export values of mntr that have no family of their own.
  ZooKeeperTls tls;
  std::map<std::string, size_t> files;  ///< As in Cluster.
  Polling polling;                      ///< Without earliest_every.
  model::Options options;               ///< Only hold, interval and disabled_families.

  int effective_expected_size() const { return expected_size ? expected_size : static_cast<int>(servers.size()); }
  bool operator==(const ZooKeeper&) const = default;
};

/// TLS of the listeners as kafka_exporter's flags describe it.
struct ServerTls {
  bool enabled = false;
  bool mutual = false;
  std::string ca_file, cert_file, key_file;

  bool operator==(const ServerTls&) const = default;
};

/// What is listened on, and where read_web_config() finds who may connect.
struct Web {
  /// host:port, [v6]:port, :port for all addresses, or unix:/path?mode=0660. Ignored with systemd_socket.
  std::vector<std::string> listen_addresses{":9308"};
  bool systemd_socket = false;
  std::string health_address;  ///< Serves health checks only, without TLS and authentication. Empty: none.
  std::string telemetry_path = "/metrics";
  std::string config_file;        ///< In the format of the Prometheus exporter toolkit. Empty: none.
  ServerTls server_tls;           ///< Not enabled if there is a config_file.
  bool enable_lifecycle = false;  ///< POST /-/reload

  bool operator==(const Web&) const = default;
};

struct Log {
  std::string level = "info";     ///< debug, info, warn, error
  std::string format = "logfmt";  ///< logfmt, json

  bool operator==(const Log&) const = default;
};

/// A setting that does not do what it seems to.
struct Notice {
  enum class Effect { kNone, kPartial, kSuspicious };

  std::string setting, reason;
  Effect effect = Effect::kNone;

  bool operator==(const Notice&) const = default;
};

/// A valid configuration, made by parse(). Sections compare with ==, so that a reload can keep what did not change.
struct Config {
  std::vector<Cluster> clusters{Cluster{}};  ///< Empty only if there is an ensemble.
  std::vector<ZooKeeper> zookeeper;
  Labels labels;  ///< On every series.
  /// Families that are left out; also in every cluster's options. Not checked against the families that exist.
  std::set<std::string, std::less<>> disabled_families;
  Web web;
  Log log;
  /// To be logged once after start.
  std::vector<Notice> notices;
  /// Variables that main sets before the first thread starts: the only way to configure the Kerberos library.
  std::map<std::string, std::string> environment;
  /// Text of the configuration file; empty without one. May contain secrets.
  std::string file_text;

  bool operator==(const Config&) const = default;
};

}  // namespace kafkascope::config
