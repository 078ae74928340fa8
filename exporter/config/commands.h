#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/lag_options.h"

namespace kafkascope::config {

/// A word before the flags: the program then does this instead of serving metrics, and exits.
struct Command {
  std::string_view name;
  std::string_view arguments;  ///< As shown by --help.
  std::string_view help;
};

/// Returns all commands, for parse(), --help, the man page and completions.
std::span<const Command> commands();
/// Returns the command that `args` begin with; nullptr: none.
const Command* find_command(const std::vector<std::string>& args);

struct HashPassword {
  int cost = 10;  ///< 4 to 31.
};

struct WriteDashboards {
  std::string dir = ".";
};

struct WriteRules {
  std::string dir = ".";
  std::string grafana_url;                    ///< Without / at the end. Empty: links stay paths.
  std::string runbook_url;                    ///< Likewise, of the page with all paragraphs.
  std::map<std::string, std::string> labels;  ///< Added to each alert.
};

/// Takes the command's own arguments out of `args`; flags remain. Throws a ConfigError.
model::LagOptions take_lag_options(std::vector<std::string>& args);
/// Likewise for the command check.
model::OutputFormat take_check_output(std::vector<std::string>& args);

// Parse the arguments after the command. Throw a ConfigError.
HashPassword parse_hash_password(const std::vector<std::string>& args);
WriteDashboards parse_dashboards(const std::vector<std::string>& args);
WriteRules parse_rules(const std::vector<std::string>& args);

}  // namespace kafkascope::config
