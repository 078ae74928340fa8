#pragma once

#include <string>

#include "config/draft.h"
#include "config/parse.h"

namespace kafkascope::config {

/// Returns the content of a configuration file.
std::string read_config_file(const std::string& path);

/// Reads YAML into a draft with at least one cluster or ensemble. Every key must be known, and none given twice.
/// ${NAME} in a value is replaced by the environment variable, $${NAME} by ${NAME}. `path`: of the file, for messages.
Draft read_config(const std::string& path, const std::string& text, const Environment& environment);

}  // namespace kafkascope::config
