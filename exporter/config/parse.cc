#include "config/parse.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <string_view>

#include "config/draft.h"
#include "config/file.h"
#include "config/flags.h"
#include "config/help.h"

namespace kafkascope::config {
namespace {

bool has_flag(const std::vector<std::string>& args, std::string_view flag) {
  return std::find(args.begin(), args.end(), flag) != args.end();
}

/// Returns the value of a flag that parse() acts on itself, or `fallback` if it was not given.
Value value_of(const std::vector<Given>& flags, std::string_view flag, std::string_view fallback) {
  for (const Given& given : flags) {
    if (given.option->flag == flag) return given.value();
  }
  return {"", std::string(fallback), {}};
}

/// Returns the settings of the file, or the defaults if `path` is empty.
Draft base(const std::string& path) {
  if (!path.empty()) return read_config_file(path);
  Draft draft;
  draft.clusters.emplace_back();
  return draft;
}

void override_with(Draft& draft, const std::vector<Given>& flags) {
  for (const Given& given : flags) {
    if (given.option->per_cluster() && draft.clusters.size() > 1) {
      fail(given.value().origin,
           fmt::format("the configuration file has {} clusters; set it there for each of them", draft.clusters.size()));
    }
    apply(given, draft, &draft.clusters.front());
  }
}

}  // namespace

std::variant<Config, Exit> parse(const std::vector<std::string>& args, const Environment& environment,
                                 const Version& version, const CheckCluster& check) try {
  if (has_flag(args, "--help") || has_flag(args, "-h")) return Exit{0, help_text(), ""};
  if (has_flag(args, "--version")) return Exit{0, version_text(version), ""};

  const std::vector<Given> flags = parse_flags(args);
  Draft draft = base(value_of(flags, "config.file", "").text);
  override_with(draft, flags);
  Config config = finish(std::move(draft), environment, check);
  if (!to_bool(value_of(flags, "check-config", "false"))) return config;
  std::string out;
  for (const auto& [setting, reason] : config.notices) out += fmt::format("{} has no effect: {}\n", setting, reason);
  return Exit{0, out + "The configuration is good.\n", ""};
} catch (const std::exception& error) {  // a ConfigError, or what `check` throws
  return Exit{2, "", fmt::format("kafkascope: {}\n", error.what())};
}

}  // namespace kafkascope::config
