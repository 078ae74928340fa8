#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/parse.h"
#include "config/value.h"

namespace kafkascope::config {

/// The one of a secret's three settings (text, file, environment variable) that was given last; `key` says which.
struct Secret {
  std::string_view key;
  Value value;
};

/// TLS settings as the user gives them; security.cc converts them to librdkafka's properties.
struct Tls {
  bool enabled = false;
  bool insecure_skip_verify = false;
  std::string ca_file, cert_file, key_file, server_name;
  std::optional<Secret> key_password;
};

/// SASL settings as the user gives them.
struct Sasl {
  bool enabled = false;
  bool handshake = true;
  std::string mechanism = "plain";
  std::string username;
  std::optional<Secret> password;
  std::string token_url, scopes;
  std::string service_name = "kafka", realm, keytab_file, config_file, auth_type;
  bool disable_fast = false;
  std::string aws_region, aws_profile;
};

/// Where the settings of an entry in a list of the file were given.
struct Places {
  Origin place;                                           ///< Where its entry begins in the file.
  std::map<std::string_view, Origin, std::less<>> given;  ///< Where each setting was last given, by the option's id.

  /// Returns where a setting was given, or the entry if it was not.
  const Origin& where(std::string_view id) const {
    const Origin* origin = find(id);
    return origin ? *origin : place;
  }
  /// Returns where a setting was given, or nullptr if it was not.
  const Origin* find(std::string_view id) const {
    const auto found = given.find(id);
    return found == given.end() ? nullptr : &found->second;
  }
};

/// A cluster while its settings are collected, first from the file and then from flags.
struct ClusterDraft : Places {
  Cluster cluster;
  Tls tls;
  Sasl sasl;
  std::vector<Value> properties;  ///< Properties of librdkafka, passed through.
};

/// A ZooKeeper ensemble while its settings are collected.
struct ZooKeeperDraft : Places {
  ZooKeeper ensemble;
};

struct Draft {
  Config config;  ///< Without its clusters and ensembles.
  std::vector<ClusterDraft> clusters;
  std::vector<ZooKeeperDraft> zookeeper;
  std::map<std::string_view, Origin, std::less<>> given;  ///< As in ClusterDraft, for settings of the program.
};

/// Builds the configuration that a draft describes. Throws a ConfigError if its settings contradict each other.
Config finish(Draft draft, const Environment& environment, const CheckCluster& check);

}  // namespace kafkascope::config
