#pragma once

#include <string>
#include <vector>

#include "config/options.h"

namespace kafkascope::config {

/// Parses a command line (without the program's name) as kingpin does, which kafka_exporter uses: --flag=value,
/// --flag value, --flag= for an empty value, --switch, --no-switch. Also accepts --switch=true and --switch=false.
/// Values of lists and maps may be repeated or separated by commas. Returns them in the order of options().
/// Throws ConfigError.
std::vector<Given> parse_flags(const std::vector<std::string>& args);

/// Overwrites the values of flags that are secrets, which /proc/PID/cmdline shows to every user.
void hide_secrets(int argc, char** argv);

}  // namespace kafkascope::config
