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

/// How to reach the brokers encrypted, as the user says it; security.cc turns it into librdkafka's properties.
struct Tls {
  bool enabled = false;
  bool insecure_skip_verify = false;
  std::string ca_file, cert_file, key_file, server_name;
};

/// How to log in, as the user says it.
struct Sasl {
  bool enabled = false;
  bool handshake = true;
  std::string mechanism = "plain";
  std::string username;
  /// The last of password, password_file and password_env that was given; `key` is its name.
  struct Password {
    std::string_view key;
    Value value;
  };
  std::optional<Password> password;
  std::string token_url, scopes;
  std::string service_name = "kafka", realm, keytab_file, config_file, auth_type;
  bool disable_fast = false;
};

/// A cluster while its settings come in, from the file first and then from flags.
struct ClusterDraft {
  Cluster cluster;
  Tls tls;
  Sasl sasl;
  Origin place;                                           ///< Where its entry begins in the file.
  std::vector<Value> properties;                          ///< To be passed through.
  std::map<std::string_view, Origin, std::less<>> given;  ///< By the option's id: where each setting was last given.
};

struct Draft {
  Config config;  ///< Without its clusters.
  std::vector<ClusterDraft> clusters;
  std::map<std::string_view, Origin, std::less<>> given;
};

/// The configuration that a draft describes, or a ConfigError when its settings do not go together.
Config finish(Draft draft, const Environment& environment, const CheckCluster& check);

}  // namespace kafkascope::config
