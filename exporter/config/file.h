#pragma once

#include <string>

#include "config/draft.h"

namespace kafkascope::config {

/// Reads a YAML file into a draft with at least one cluster. Every key must be known, and none given twice.
Draft read_config_file(const std::string& path);

}  // namespace kafkascope::config
