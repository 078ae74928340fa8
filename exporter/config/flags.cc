#include "config/flags.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cctype>
#include <cstring>
#include <map>
#include <string_view>
#include <utility>

#include "config/suggest.h"

namespace kafkascope::config {
namespace {

const Option* find(std::string_view flag) {
  const auto all = options();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Option& option) { return !flag.empty() && option.flag == flag; });
  return found == all.end() ? nullptr : &*found;
}

/// Returns the switch that `flag` turns off, such as no-tls.enabled, or nullptr.
const Option* find_negated(std::string_view flag) {
  const Option* option = flag.starts_with("no-") ? find(flag.substr(3)) : nullptr;
  return option != nullptr && option->kind == Kind::boolean ? option : nullptr;
}

[[noreturn]] void fail_stray(const std::vector<std::string>& args, std::size_t i) {
  // After a password it may be the rest of one that contains a space.
  const bool secret = std::any_of(args.begin(), args.begin() + static_cast<std::ptrdiff_t>(i),
                                  [](const std::string& before) { return before.starts_with("--sasl.password"); });
  throw ConfigError(fmt::format("{}: not a flag; every setting is --name=value, such as --kafka.server=HOST:PORT",
                                secret ? fmt::format("argument {}", i + 1) : args[i]));
}

/// What other programs call some of our flags.
constexpr std::pair<std::string_view, std::string_view> kOtherNames[] = {{"kafka.brokers", "kafka.server"},
                                                                         {"kafka.broker", "kafka.server"},
                                                                         {"kafka.bootstrap-servers", "kafka.server"},
                                                                         {"bootstrap-server", "kafka.server"},
                                                                         {"bootstrap.servers", "kafka.server"},
                                                                         {"brokers", "kafka.server"},
                                                                         {"topic.whitelist", "topic.filter"},
                                                                         {"topic.blacklist", "topic.exclude"},
                                                                         {"group.whitelist", "group.filter"},
                                                                         {"group.blacklist", "group.exclude"},
                                                                         {"config", "config.file"}};

bool same_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](unsigned char c) { return std::tolower(c); };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return lower(x) == lower(y); });
}

[[noreturn]] void fail_unknown(std::string_view flag) {
  const bool negated = flag.starts_with("no-");
  std::vector<std::string_view> flags;
  for (const Option& option : options()) {
    if (!option.flag.empty() && (!negated || option.kind == Kind::boolean)) flags.push_back(option.flag);
  }
  std::string_view meant = nearest(negated ? flag.substr(3) : flag, flags);
  for (const auto& [other, ours] : kOtherNames)
    if (same_ignoring_case(flag, other)) meant = ours;
  const std::string mend =
      meant.empty() ? "see --help" : fmt::format("did you mean --{}{}?", negated ? "no-" : "", meant);
  throw ConfigError(fmt::format("--{}: unknown flag; {}", flag, mend));
}

/// Returns whether an argument is a name of the program: manifests written for kafka_exporter's image repeat it.
bool is_program_name(std::string_view arg) {
  const std::string_view name = arg.substr(arg.rfind('/') + 1);
  return name == "kafka_exporter" || name == "kafkascope";
}

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(' ') - begin + 1));
}

/// Splits at commas and drops empty parts: "a:1, b:2," has two.
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
  if (option.kind != Kind::list && option.kind != Kind::map) {
    if (texts.size() > 1) fail(origin, "given more than once; keep one");
    return {{"", texts.front(), origin}};
  }
  std::vector<Value> values;
  for (const std::string& text : texts) {
    for (std::string& part : split(text)) {
      if (option.kind == Kind::list) {
        values.push_back({"", std::move(part), origin});
        continue;
      }
      const std::size_t equals = part.find('=');
      const bool named = equals != std::string::npos;
      values.push_back({part.substr(0, equals), named ? part.substr(equals + 1) : "", origin});
    }
  }
  if (values.empty() && option.section == kIgnored) return {{"", "", origin}};
  if (values.empty() && option.kind == Kind::list) fail(origin, fmt::format("is empty; give {}", option.placeholder));
  return values;
}

}  // namespace

std::vector<Given> parse_flags(const std::vector<std::string>& args) {
  std::map<const Option*, std::vector<std::string>> texts;  // sorted by place in the table
  for (std::size_t i = !args.empty() && is_program_name(args[0]) ? 1 : 0; i < args.size(); ++i) {
    const std::string_view arg = args[i];
    if (!arg.starts_with("--")) fail_stray(args, i);
    const std::size_t equals = arg.find('=');
    const std::string_view flag = arg.substr(2, equals - 2);
    if (const Option* option = find(flag)) {
      if (equals != std::string_view::npos) {
        texts[option].emplace_back(arg.substr(equals + 1));
      } else if (option->kind == Kind::boolean) {
        texts[option].emplace_back("true");
      } else if (i + 1 < args.size() && !args[i + 1].starts_with('-')) {
        texts[option].push_back(args[++i]);
      } else if (option->kind == Kind::optional_text) {
        texts[option].emplace_back();
      } else {
        throw ConfigError(fmt::format("{0}: a value is missing; write {0}=VALUE", arg));
      }
    } else if (const Option* negated = find_negated(flag)) {
      if (equals != std::string_view::npos) {
        throw ConfigError(fmt::format("--{}: takes no value; write --{}=true or =false", flag, negated->flag));
      }
      texts[negated].emplace_back("false");
    } else {
      fail_unknown(flag);
    }
  }

  std::vector<Given> given;
  for (const auto& [option, of_option] : texts) {
    if (std::vector<Value> values = to_values(*option, of_option); !values.empty()) {
      given.push_back({option, std::move(values)});
    }
  }
  return given;
}

void hide_secrets(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    for (const Option& option : options()) {
      const std::string flag = fmt::format("--{}", option.flag);
      if (!option.flag.ends_with("password") || !std::string_view(argv[i]).starts_with(flag)) continue;
      char* value = argv[i] + flag.size();
      if (*value == '\0' && i + 1 < argc)
        value = argv[i + 1];
      else if (*value == '=')
        ++value;
      else
        continue;  // another flag that begins with the same name
      std::fill(value, value + std::strlen(value), '*');
    }
  }
}

}  // namespace kafkascope::config
