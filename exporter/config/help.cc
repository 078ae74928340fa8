#include "config/help.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "config/commands.h"
#include "config/options.h"

namespace kafkascope::config {
namespace {

constexpr std::size_t kWidth = 100;
constexpr std::size_t kHelpColumn = 36;

/// Breaks `text` into lines that begin at `column`. The caller has filled the first line up to there.
std::string wrapped(std::string_view text, std::size_t column) {
  std::string result;
  std::size_t at = column;
  while (!text.empty()) {
    const std::size_t length = std::min(text.find(' '), text.size());
    if (at != column && at + 1 + length > kWidth) {
      result += fmt::format("\n{:{}}", "", column);
      at = column;
    } else if (at != column) {
      result += ' ';
      ++at;
    }
    result += text.substr(0, length);
    at += length;
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  return result + "\n";
}

/// Returns an entry of a list: the help follows `left` in the second column, on the next line if there is no space.
std::string entry(const std::string& left, std::string_view help) {
  const bool fits = left.size() + 2 <= kHelpColumn;
  return (fits ? fmt::format("{:{}}", left, kHelpColumn) : fmt::format("{}\n{:{}}", left, "", kHelpColumn)) +
         wrapped(help, kHelpColumn);
}

std::string describe(const Option& option) {
  const bool on_by_default = option.kind == Kind::boolean && option.fallback == "true";
  std::string left = fmt::format("  --{}{}", on_by_default ? "[no-]" : "", option.flag);
  if (option.kind == Kind::optional_text)
    left += fmt::format("[={}]", option.placeholder);
  else if (!option.placeholder.empty())
    left += fmt::format("={}", option.placeholder);
  std::string help(option.help);
  if (!option.fallback.empty() && option.fallback != "false") help += fmt::format(" [{}]", option.fallback);
  return entry(left, help);
}

/// Lists the names of a section's flags under its heading.
std::string names(std::string_view section) {
  std::string flags;
  for (const Option& option : options()) {
    if (option.section == section) flags += fmt::format("--{} ", option.flag);
  }
  return fmt::format("\n{}\n  {}", section, wrapped(flags, 2));
}

}  // namespace

std::string help_text() {
  std::string text =
      "kafkascope exports the state of Apache Kafka clusters to Prometheus.\n"
      "\n"
      "  kafkascope --kafka.server=broker:9092       then see http://localhost:9308/metrics\n"
      "  kafkascope --config.file=kafkascope.yml\n"
      "\n"
      "A flag is --name=value or --name value, a switch --name or --no-name. Defaults are in brackets; a\n"
      "flag without one is empty or off. Settings can also be given in a configuration file.\n"
      "\nCommands\n";
  for (const Command& command : commands())
    text += entry(fmt::format("  {} {}", command.name, command.arguments), command.help);
  std::string_view section;
  for (const Option& option : options()) {
    if (option.flag.empty() || option.section == kIgnored || option.section == kRefused) continue;
    if (option.section != section) text += fmt::format("\n{}\n", option.section);
    section = option.section;
    text += describe(option);
  }
  return text + names(kIgnored) + names(kRefused);
}

std::string version_text(const Version& version) {
  return fmt::format("kafkascope {} (revision {})\n  librdkafka {} (features {})\n  built with {}\n", version.version,
                     version.revision, version.librdkafka, version.features, version.compiler);
}

}  // namespace kafkascope::config
