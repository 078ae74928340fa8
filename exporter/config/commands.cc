#include "config/commands.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "config/value.h"

namespace kafkascope::config {
namespace {

/// Returns arguments of the form --name=value. Others have no name.
std::vector<Value> arguments(const std::vector<std::string>& args) {
  std::vector<Value> values;
  for (size_t i = 1; i < args.size(); ++i) {
    const std::string& arg = args[i];
    const size_t equals = arg.find('=');
    const std::string name = arg.starts_with("--") && equals != arg.npos ? arg.substr(0, equals) : "";
    values.push_back({name, name.empty() ? arg : arg.substr(equals + 1), {"", 0, name.empty() ? args[0] : name}});
  }
  return values;
}

/// Removes the arguments of these names from `args`, which follow the command's name: --name=VALUE or --name VALUE, and
/// switches: --name or --name=true. Returns their values.
std::vector<Value> take_arguments(std::vector<std::string>& args, std::initializer_list<std::string_view> names,
                                  std::initializer_list<std::string_view> switches) {
  std::vector<Value> values;
  std::vector<std::string> left{args.front()};
  const auto is_one_of = [](const std::string& name, auto& list) {
    return std::find(list.begin(), list.end(), name) != list.end();
  };
  for (size_t i = 1; i < args.size(); ++i) {
    const size_t equals = args[i].find('=');
    const std::string name = args[i].substr(0, equals);
    const bool is_switch = is_one_of(name, switches);
    if (!is_switch && !is_one_of(name, names)) {
      left.push_back(args[i]);
      continue;
    }
    const Origin origin{"", 0, name};
    if (std::any_of(values.begin(), values.end(), [&](const Value& before) { return before.name == name; }))
      fail(origin, "given more than once; keep one");
    if (equals != std::string::npos)
      values.push_back({name, args[i].substr(equals + 1), origin});
    else if (is_switch)
      values.push_back({name, "true", origin});
    else if (i + 1 < args.size() && !args[i + 1].starts_with('-'))
      values.push_back({name, args[++i], origin});
    else
      fail(origin, fmt::format("a value is missing; write {}=VALUE", name));
  }
  args = std::move(left);
  return values;
}

/// Returns the index of the value among `choices`.
size_t index_of(const Value& value, std::initializer_list<std::string_view> choices) {
  return static_cast<size_t>(std::find(choices.begin(), choices.end(), to_choice(value, choices)) - choices.begin());
}

[[noreturn]] void fail_unknown(const Value& value, const std::vector<std::string>& args) {
  const Command& command = *find_command(args);
  fail({"", 0, std::string(command.name)},
       fmt::format("{} is not an argument; use {} {}", value.name.empty() ? "a word" : value.name, command.name,
                   command.arguments));
}

std::string to_directory(const Value& value) {
  if (value.text.empty()) fail(value.origin, "is empty; give a directory");
  return value.text;
}

/// Returns the URL without / at the end.
std::string to_url(const Value& value) {
  std::string url = value.text;
  const bool valid =
      (url.starts_with("http://") || url.starts_with("https://")) && url.find_first_of(" \t\r\n'\"\\{}") == url.npos;
  if (!valid) fail(value.origin, fmt::format("\"{}\" is not a URL; write https://HOST/PATH", url));
  while (url.ends_with('/')) url.pop_back();
  return url;
}

/// Parses NAME=VALUE.
std::pair<std::string, std::string> to_label(const Value& value) {
  const size_t equals = value.text.find('=');
  if (equals == value.text.npos || equals + 1 == value.text.size())
    fail(value.origin, fmt::format("\"{}\" is not a label; write NAME=VALUE", value.text));
  const Value label{value.text.substr(0, equals), value.text.substr(equals + 1), value.origin};
  check_label(label);
  if (label.name == "severity" || is_series_label(label.name))
    fail(value.origin, fmt::format("alerts have a label {} themselves; choose another name", label.name));
  return {label.name, label.text};
}

}  // namespace

std::span<const Command> commands() {
  static constexpr Command kCommands[] = {
      {"once", "[FLAG...]",
       "runs every collector, prints the metrics and exits; with 1 if a cluster cannot be reached"},
      {"lag", "[--group=REGEX] [--sort=group|lag|seconds] [--watch] [--output=table|json|csv] [FLAG...]",
       "prints offsets, lag, lag in seconds, status and owner of each partition that groups consume; with --watch "
       "after "
       "each poll until Ctrl-C; exits with 1 if a cluster cannot be reached"},
      {"check", "[--output=table|json] [FLAG...]",
       "connects once and prints what works and what does not, with the fix: names, brokers, TLS, login, versions, "
       "permissions of each collector, cost; exits with 1 unless everything configured works"},
      {"dashboards", "[--dir=DIR]", "writes the Grafana dashboards to a directory [.]"},
      {"rules", "[--dir=DIR] [--grafana-url=URL] [--runbook-url=URL] [--label=NAME=VALUE...]",
       "writes the recording rules and alerts, with your addresses in the links and your labels on each alert"},
      {"scrape-config", "[FLAG...]", "prints a Prometheus configuration that fits these flags"},
      {"hash-password", "[--cost=10]",
       "reads a password from the terminal or stdin and prints its bcrypt hash for --web.config.file"},
  };
  return kCommands;
}

const Command* find_command(const std::vector<std::string>& args) {
  if (args.empty()) return nullptr;
  const auto all = commands();
  const auto found = std::find_if(all.begin(), all.end(), [&](const Command& each) { return each.name == args[0]; });
  return found == all.end() ? nullptr : &*found;
}

HashPassword parse_hash_password(const std::vector<std::string>& args) {
  HashPassword result;
  for (const Value& value : arguments(args)) {
    if (value.name != "--cost")
      fail({"", 0, args[0]}, "takes no argument but --cost=NUMBER; the password is read from stdin");
    result.cost = to_int({"", value.text, {"", 0, args[0]}}, 4, 31);
  }
  return result;
}

model::LagOptions take_lag_options(std::vector<std::string>& args) {
  model::LagOptions result;
  for (const Value& value : take_arguments(args, {"--group", "--sort", "--output"}, {"--watch"})) {
    if (value.name == "--group") {
      to_filter(value, value.text, "");  // for its error messages
      result.group = value.text;
    } else if (value.name == "--watch") {
      result.watch = to_bool(value);
    } else if (value.name == "--sort") {
      result.order = static_cast<model::LagOrder>(index_of(value, {"group", "lag", "seconds"}));
    } else {
      result.output = static_cast<model::OutputFormat>(index_of(value, {"table", "json", "csv"}));
    }
  }
  return result;
}

model::OutputFormat take_check_output(std::vector<std::string>& args) {
  const auto values = take_arguments(args, {"--output"}, {});
  return values.empty() ? model::OutputFormat::kTable
                        : static_cast<model::OutputFormat>(index_of(values.front(), {"table", "json"}));
}

WriteDashboards parse_dashboards(const std::vector<std::string>& args) {
  WriteDashboards result;
  for (const Value& value : arguments(args)) {
    if (value.name != "--dir") fail_unknown(value, args);
    result.dir = to_directory(value);
  }
  return result;
}

WriteRules parse_rules(const std::vector<std::string>& args) {
  WriteRules result;
  for (const Value& value : arguments(args)) {
    if (value.name == "--dir")
      result.dir = to_directory(value);
    else if (value.name == "--grafana-url")
      result.grafana_url = to_url(value);
    else if (value.name == "--runbook-url")
      result.runbook_url = to_url(value);
    else if (value.name == "--label")
      result.labels.insert(to_label(value));
    else
      fail_unknown(value, args);
  }
  return result;
}

}  // namespace kafkascope::config
