#pragma once

#include <string>

#include "config/parse.h"

namespace kafkascope::config {

/// Returns the man page (man(7) macros, section 1), the output of --help-man.
std::string man_page(const Version& version);

}  // namespace kafkascope::config
