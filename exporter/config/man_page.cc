#include "config/man_page.h"

#include <spdlog/fmt/fmt.h>

#include <string_view>

#include "config/commands.h"
#include "config/options.h"

namespace kafkascope::config {
namespace {

/// Escapes text for troff: backslashes, hyphens that are minus signs, and control characters at the start of a line.
std::string escaped(std::string_view text) {
  std::string result;
  if (text.starts_with('.') || text.starts_with('\'')) result = "\\&";
  for (const char c : text) {
    if (c == '\\')
      result += "\\e";
    else if (c == '-')
      result += "\\-";
    else if (c == '^')
      result += "\\(ha";
    else if (c == '~')
      result += "\\(ti";
    else
      result += c;
  }
  return result;
}

std::string describe(const Option& option) {
  const bool on_by_default = option.kind == Kind::boolean && option.fallback == "true";
  std::string text = fmt::format(".TP\n\\fB\\-\\-{}{}\\fR", on_by_default ? "[no\\-]" : "", escaped(option.flag));
  if (option.kind == Kind::optional_text)
    text += fmt::format("[=\\fI{}\\fR]", escaped(option.placeholder));
  else if (!option.placeholder.empty())
    text += fmt::format("=\\fI{}\\fR", escaped(option.placeholder));
  text += fmt::format("\n{}\n", escaped(option.help));
  if (!option.fallback.empty() && option.fallback != "false")
    text += fmt::format("Default: {}.\n", escaped(option.fallback));
  return text;
}

std::string names(std::string_view section) {
  std::string text = fmt::format(".SS {}\n", escaped(section));
  for (const Option& option : options())
    if (option.section == section) text += fmt::format("\\fB\\-\\-{}\\fR\n", escaped(option.flag));
  return text;
}

}  // namespace

std::string man_page(const Version& version) {
  std::string text = fmt::format(
      ".TH KAFKASCOPE 1 \"\" \"kafkascope {}\" \"User Commands\"\n"
      ".SH NAME\n"
      "kafkascope \\- Prometheus exporter for Apache Kafka\n"
      ".SH SYNOPSIS\n"
      ".B kafkascope\n"
      "[\\fB\\-\\-kafka.server\\fR=\\fIHOST:PORT\\fR] [\\fB\\-\\-config.file\\fR=\\fIFILE\\fR] [\\fIFLAG\\fR...]\n"
      ".br\n"
      ".B kafkascope\n"
      "\\fICOMMAND\\fR [\\fIARGUMENT\\fR...]\n"
      ".SH DESCRIPTION\n"
      "kafkascope polls Apache Kafka clusters in the background and serves offsets, consumer lag, the status of "
      "consumer "
      "groups and replication health to Prometheus, by default on port 9308.\n"
      ".PP\n"
      "A flag is \\-\\-name=value or \\-\\-name value, a switch \\-\\-name or \\-\\-no\\-name.\n"
      "Settings can also be given in a configuration file; flags take precedence.\n"
      ".SH COMMANDS\n",
      escaped(version.version));
  for (const Command& command : commands())
    text += fmt::format(".TP\n\\fB{}\\fR {}\n{}\n", escaped(command.name), escaped(command.arguments),
                        escaped(command.help));
  text += ".SH OPTIONS\n";
  std::string_view section;
  for (const Option& option : options()) {
    if (option.flag.empty() || option.section == kIgnored || option.section == kRefused) continue;
    if (option.section != section) text += fmt::format(".SS {}\n", escaped(option.section));
    section = option.section;
    text += describe(option);
  }
  text += names(kIgnored) + names(kRefused);
  return text +
         ".SH FILES\n"
         ".TP\n"
         ".I /etc/kafkascope/kafkascope.yml\n"
         "Configuration file of the systemd service. It shows every key with its default.\n"
         ".SH SIGNALS\n"
         "SIGTERM and SIGINT stop kafkascope within two seconds.\n"
         ".SH EXIT STATUS\n"
         ".TP\n"
         ".B 0\n"
         "Stopped by a signal; or the output asked for was printed.\n"
         ".TP\n"
         ".B 1\n"
         "\\fB\\-\\-healthcheck\\fR: no response, or neither 200 nor 401; \\fBonce\\fR, \\fBlag\\fR: a cluster cannot\n"
         "be reached; \\fBcheck\\fR: something does not work; other commands: no valid password, or a file cannot be "
         "written.\n"
         ".TP\n"
         ".B 2\n"
         "The configuration is invalid, or a listen address is in use.\n";
}

}  // namespace kafkascope::config
