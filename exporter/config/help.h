#pragma once

#include <string>

#include "config/parse.h"

namespace kafkascope::config {

/// Returns the output of --help: every flag with its default, at most 100 columns wide.
std::string help_text();

/// Returns the output of --version.
std::string version_text(const Version& version);

}  // namespace kafkascope::config
