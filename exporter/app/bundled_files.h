#pragma once

#include <map>
#include <string>
#include <string_view>

#include "config/commands.h"

namespace kafkascope::app {

/// Returns the dashboards, recording rules and alerts of dashboards/ by file name. They are part of the program.
const std::map<std::string_view, std::string_view>& bundled_files();

/// Returns the rules file with the URLs in the links of its alerts, and the labels on each alert.
std::string complete_rules(std::string_view text, const config::WriteRules& rules);

/// Writes the files to the directory, which is created, and prints their names. Returns the exit code.
int write_dashboards(const config::WriteDashboards& command);
int write_rules(const config::WriteRules& command);

}  // namespace kafkascope::app
