#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "config/config.h"

namespace kafkascope::config {

/// Looks up an environment variable as std::getenv does: nullptr when it is not set.
using Environment = std::function<const char*(const char*)>;

/// What --version says.
struct Version {
  std::string version, revision, librdkafka, compiler;
};

/// Nothing to run: print this and end. 0 after --help, --version and a good --check-config, 2 for a bad configuration.
struct Exit {
  int code = 0;
  std::string out, err;
};

/// Throws for what is wrong with a cluster and only others can tell, such as a property that librdkafka does not know.
using CheckCluster = std::function<void(const Cluster&)>;

/// Flags (`args`, without the program's name) over the file that --config.file names over the environment over the
/// defaults. Reads files, connects to nothing. Throws nothing that a wrong configuration can cause.
std::variant<Config, Exit> parse(const std::vector<std::string>& args, const Environment& environment,
                                 const Version& version, const CheckCluster& check = {});

}  // namespace kafkascope::config
