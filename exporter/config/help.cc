#include "config/help.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include "config/options.h"

namespace kafkascope::config {
namespace {

constexpr std::size_t kWidth = 100;
constexpr std::size_t kHelpColumn = 36;

/// The words of `text`, in lines that all begin at `column`; the caller has filled the first one up to there.
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

std::string describe(const Option& option) {
  const bool on_by_default = option.kind == Kind::boolean && option.fallback == "true";
  std::string left = fmt::format("  --{}{}", on_by_default ? "[no-]" : "", option.flag);
  if (!option.placeholder.empty()) left += fmt::format("={}", option.placeholder);
  left = left.size() + 2 > kHelpColumn ? fmt::format("{}\n{:{}}", left, "", kHelpColumn)
                                       : fmt::format("{:{}}", left, kHelpColumn);
  std::string help(option.help);
  if (!option.fallback.empty() && option.fallback != "false") help += fmt::format(" [{}]", option.fallback);
  return left + wrapped(help, kHelpColumn);
}

/// The names of the compatible flags for which `wanted` holds.
std::string names(const Section& section, bool (*wanted)(const Option&)) {
  std::vector<std::string> flags;
  for (const Option& option : section.options) {
    if (wanted(option)) flags.push_back(fmt::format("--{}", option.flag));
  }
  return fmt::format("    {}", wrapped(fmt::format("{}", fmt::join(flags, " ")), 4));
}

}  // namespace

std::string help_text() {
  std::string text =
      "kafkascope exports the state of Apache Kafka clusters to Prometheus.\n"
      "\n"
      "  kafkascope --kafka.server=broker:9092       then see http://localhost:9308/metrics\n"
      "  kafkascope --config.file=kafkascope.yml\n"
      "\n"
      "A flag is --name=value or --name value, a switch --name or --no-name. [Defaults] are in brackets;\n"
      "what has none is empty or off. All of it can be said in a file too.\n";
  for (const Section& section : sections()) {
    if (&section == &sections().back()) {
      text += "\nOther flags of kafka_exporter\n  Accepted, and told in the log that they do nothing here:\n";
      text += names(section, is_ignored);
      text += "  An error when they ask for something, because it could not be done:\n";
      text += names(section, [](const Option& option) { return !is_ignored(option); });
      continue;
    }
    text += fmt::format("\n{}\n", section.title);
    for (const Option& option : section.options) {
      if (!option.flag.empty()) text += describe(option);
    }
  }
  return text;
}

std::string version_text(const Version& version) {
  return fmt::format("kafkascope {} (revision {})\n  librdkafka {}\n  built with {}\n", version.version,
                     version.revision, version.librdkafka, version.compiler);
}

}  // namespace kafkascope::config
