#pragma once

#include <string>

#include "config/parse.h"

namespace kafkascope::config {

/// What --help prints: every flag with its default, at most 100 columns wide.
std::string help_text();

/// What --version prints.
std::string version_text(const Version& version);

}  // namespace kafkascope::config
