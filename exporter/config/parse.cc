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

const Given* find(const std::vector<Given>& flags, std::string_view name) {
  const auto found =
      std::find_if(flags.begin(), flags.end(), [&](const Given& given) { return given.option->flag == name; });
  return found == flags.end() ? nullptr : &*found;
}

/// The file's settings if there is one, else the defaults.
Draft base(const Given* file) {
  if (file != nullptr && !file->values.front().text.empty()) return read_config_file(file->values.front().text);
  Draft draft;
  draft.clusters.emplace_back();
  return draft;
}

void override_with(Draft& draft, const std::vector<Given>& flags) {
  for (const auto& [option, values] : flags) {
    if (option->apply == nullptr) continue;
    if (option->scope == Scope::cluster && draft.clusters.size() > 1) {
      fail(values.front().origin,
           fmt::format("the configuration file has {} clusters; set it there for each of them", draft.clusters.size()));
    }
    apply(*option, values, {draft, draft.clusters.front()});
  }
}

}  // namespace

std::variant<Config, Exit> parse(const std::vector<std::string>& args, const Environment& environment,
                                 const Version& version, const CheckCluster& check) try {
  if (has_flag(args, "--help") || has_flag(args, "-h")) return Exit{0, help_text(), ""};
  if (has_flag(args, "--version")) return Exit{0, version_text(version), ""};

  const std::vector<Given> flags = parse_flags(args);
  Draft draft = base(find(flags, "config.file"));
  override_with(draft, flags);
  Config config = finish(std::move(draft), environment, check);

  const Given* only_check = find(flags, "check-config");
  if (only_check == nullptr || !to_bool(only_check->values.front())) return config;
  std::string out;
  for (const std::string& notice : config.notices) out += notice + "\n";
  return Exit{0, out + "The configuration is good.\n", ""};
} catch (const std::exception& error) {  // a ConfigError, or what `check` throws
  return Exit{2, "", fmt::format("kafkascope: {}\n", error.what())};
}

}  // namespace kafkascope::config
