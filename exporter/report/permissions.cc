#include "report/permissions.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cctype>

namespace kafkascope::report {
namespace {

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](unsigned char c) { return std::tolower(c); });
  return result;
}

/// Returns a word of a shell, in quotes if it needs them.
std::string shell_word(std::string_view text) {
  const auto is_safe = [](unsigned char c) {
    return std::isalnum(c) || std::string_view("_-.:=,/@").find(static_cast<char>(c)) != std::string_view::npos;
  };
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_safe)) return std::string(text);
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? "'\\''" : std::string(1, c);
  return result + "'";
}

}  // namespace

std::span<const Permission> permissions() {
  static constexpr Permission kPermissions[] = {
      {"DESCRIBE", "topics", "metadata", "--operation Describe --topic '*'"},
      {"DESCRIBE", "groups", "groups group_offsets share_groups", "--operation Describe --group '*'"},
      {"DESCRIBE", "cluster", "log_dirs quorum reassignments", "--operation Describe --cluster"},
      {"DESCRIBE_CONFIGS", "topics", "topic_configs", "--operation DescribeConfigs --topic '*'"},
      {"DESCRIBE_CONFIGS", "cluster", "topic_configs", "--operation DescribeConfigs --cluster"},
      {"DESCRIBE", "transactional IDs", "transactions", "--operation Describe --transactional-id '*'"},
      {"READ", "topics", "transactions time_lag", "--operation Read --topic '*'"},
  };
  return kPermissions;
}

const Permission* requested_permission(std::string_view text) {
  const std::string wanted = lower(text);
  for (const Permission& permission : permissions())
    if (wanted.find(lower(fmt::format("grant {} on the {}", permission.name, permission.on))) != std::string::npos)
      return &permission;
  return nullptr;
}

std::string grant_command(const Permission& permission, std::string_view server, std::string_view user) {
  const std::string principal = user.empty() ? "User:NAME" : fmt::format("User:{}", user);
  return fmt::format("kafka-acls.sh --bootstrap-server {} --add --allow-principal {} {}", shell_word(server),
                     shell_word(principal), permission.arguments);
}

}  // namespace kafkascope::report
