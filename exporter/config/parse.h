#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "config/commands.h"
#include "config/config.h"

namespace kafkascope::config {

/// Looks up an environment variable as std::getenv does: nullptr if it is not set.
using Environment = std::function<const char*(const char*)>;

/// What --version prints.
struct Version {
  std::string version, revision, librdkafka, compiler;
  std::string features = {};  ///< of librdkafka, separated by commas
};

/// Nothing to run: print this and exit. 0 after --help, --version and the like and a valid --check-config, 2 for an
/// invalid configuration.
struct Exit {
  int code = 0;
  std::string out, err;
};

/// --healthcheck: request this URL and exit.
struct HealthCheck {
  std::string url;
  std::string unix_socket;  ///< Connect to this path instead of the URL's host. Empty: do not.
};

struct Once {
  Config config;
};

struct PrintLag {
  Config config;
  model::LagOptions options;
};

struct Check {
  Config config;
  model::OutputFormat output;
};

struct PrintScrapeConfig {
  Config config;
};

/// What to do: serve with a Config, print and exit, or a command.
using Parsed = std::variant<Config, HealthCheck, Once, PrintLag, Check, PrintScrapeConfig, WriteDashboards, WriteRules,
                            HashPassword, Exit>;

/// Throws if a cluster is invalid for reasons unknown here, such as a property that librdkafka rejects.
using CheckCluster = std::function<void(const Cluster&)>;

/// Builds a configuration from flags (`args`, without the program's name), which take precedence over the file that
/// --config.file names, over the environment, over the defaults. Reads files and has no other effect, so that it can be
/// called again at any time, from any thread if `environment` and `check` can: a running program reloads its
/// configuration that way and compares the two section by section. An invalid configuration is an Exit, never an
/// exception.
/// `file_text`: the configuration file's content, to read only the files anew that it names; null: read it.
Parsed parse(const std::vector<std::string>& args, const Environment& environment, const Version& version,
             const CheckCluster& check = {}, const std::string* file_text = nullptr);

}  // namespace kafkascope::config
