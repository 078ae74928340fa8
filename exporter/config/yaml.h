#pragma once

#include <yaml-cpp/yaml.h>

#include <string>

#include "config/value.h"

namespace kafkascope::config {

/// Reads a file with at most one YAML document; a null node if there is none. `flag`: the setting that names the file.
/// Throws a ConfigError, which never quotes the file.
YAML::Node load_yaml(const std::string& flag, const std::string& path);

/// The two halves of load_yaml().
std::string read_yaml_file(const std::string& flag, const std::string& path);
YAML::Node parse_yaml(const std::string& path, const std::string& text);

/// Returns the line of a node, counted from 1.
int line_of(const YAML::Node& node);

/// Returns a key as far as it may be shown: a secret may stand where a name belongs, so only the part that looks like a
/// name is repeated.
std::string shown_key(const std::string& name);

}  // namespace kafkascope::config
