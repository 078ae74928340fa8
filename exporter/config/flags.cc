#include "config/flags.h"

#include <spdlog/fmt/fmt.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>
#include <utility>

#include "config/suggest.h"

namespace kafkascope::config {
namespace {

/// The arguments such that CLI11 reads them as kingpin would. By itself it takes `--flag=` for a flag whose value is
/// the next argument, and the next flag for the value of a flag that lacks one.
std::vector<std::string> as_cli11_reads(const CLI::App& app, const std::vector<std::string>& args) {
  std::vector<std::string> result;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const std::string& arg = args[i];
    const CLI::Option* option = app.get_option_no_throw(arg.substr(0, arg.find('=')));
    const bool takes_value = option != nullptr && option->get_items_expected_min() > 0;
    if (!takes_value) {
      result.push_back(arg);
    } else if (arg.ends_with('=') && arg.find('=') == arg.size() - 1) {
      result.push_back(arg.substr(0, arg.size() - 1));
      result.emplace_back();
    } else if (arg.find('=') != std::string::npos) {
      result.push_back(arg);
    } else if (i + 1 == args.size() || args[i + 1].starts_with('-')) {
      throw ConfigError(fmt::format("{0}: a value is missing; write {0}=VALUE", arg));
    } else {
      result.push_back(arg);
      result.push_back(args[++i]);
    }
  }
  return result;
}

[[noreturn]] void fail_unknown(const std::string& arg, const std::vector<std::string>& args) {
  if (!arg.starts_with("--")) {
    const auto position = std::find(args.begin(), args.end(), arg);
    // After a password it may be a part of it that a space cut off.
    const bool secret = std::any_of(args.begin(), position,
                                    [](const std::string& before) { return before.starts_with("--sasl.password"); });
    const std::string what = secret ? fmt::format("argument {}", position - args.begin() + 1) : arg;
    throw ConfigError(
        fmt::format("{}: not a flag; every setting is --name=value, such as --kafka.server=HOST:PORT", what));
  }
  const std::string name = arg.substr(2, arg.find('=') - 2);
  std::vector<std::string_view> names;
  for (const Option* option : all_options()) {
    if (!option->flag.empty()) names.push_back(option->flag);
  }
  const bool negated = name.starts_with("no-");
  const std::string_view meant = nearest(negated ? name.substr(3) : name, names);
  const std::string mend =
      meant.empty() ? "see --help" : fmt::format("did you mean --{}{}?", negated ? "no-" : "", meant);
  throw ConfigError(fmt::format("--{}: unknown flag; {}", name, mend));
}

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(' ') - begin + 1));
}

/// The parts of a list, of which empty ones do not count: "a:1,b:2,".
std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (std::string part = trimmed(text.substr(0, comma)); !part.empty()) parts.push_back(std::move(part));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

std::vector<Value> to_values(const Option& option, const std::vector<std::string>& texts) {
  const Origin origin{"", 0, fmt::format("--{}", option.flag)};
  std::vector<Value> values;
  if (option.kind == Kind::text || option.kind == Kind::boolean) {
    if (texts.size() > 1) fail(origin, "given more than once; keep one");
    values.push_back({"", texts.front(), origin});
    return values;
  }
  for (const std::string& text : texts) {
    for (const std::string& part : split(text)) {
      const std::size_t equals = option.kind == Kind::map ? part.find('=') : 0;
      if (equals == std::string::npos) fail(origin, fmt::format("\"{}\" is not {}", part, option.placeholder));
      if (option.kind == Kind::map) {
        values.push_back({part.substr(0, equals), part.substr(equals + 1), origin});
      } else {
        values.push_back({"", part, origin});
      }
    }
  }
  if (values.empty() && option.kind == Kind::list) fail(origin, fmt::format("is empty; give {}", option.placeholder));
  return values;
}

}  // namespace

std::vector<Given> parse_flags(const std::vector<std::string>& args) {
  CLI::App app;
  app.set_help_flag();  // parse() has its own
  app.allow_extras();   // and so have we for unknown flags
  std::vector<std::pair<const Option*, CLI::Option*>> known;
  for (const Option* option : all_options()) {
    if (option->flag.empty()) continue;
    CLI::Option* flag = nullptr;
    if (option->kind == Kind::boolean) {
      flag = app.add_flag(fmt::format("--{0},!--no-{0}", option->flag));
    } else {
      flag = app.add_option(fmt::format("--{}", option->flag))->expected(1)->allow_extra_args(false);
    }
    flag->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    known.emplace_back(option, flag);
  }

  std::vector<std::string> reversed = as_cli11_reads(app, args);
  std::reverse(reversed.begin(), reversed.end());
  app.parse(std::move(reversed));
  if (const std::vector<std::string> unknown = app.remaining(); !unknown.empty()) fail_unknown(unknown.front(), args);

  std::vector<Given> given;
  for (const auto& [option, flag] : known) {
    if (flag->count() == 0) continue;
    if (std::vector<Value> values = to_values(*option, flag->results()); !values.empty()) {
      given.push_back({option, std::move(values)});
    }
  }
  return given;
}

}  // namespace kafkascope::config
