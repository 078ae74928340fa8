#include "config/parse.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <string_view>

#include "config/completion.h"
#include "config/draft.h"
#include "config/file.h"
#include "config/flags.h"
#include "config/help.h"
#include "config/man_page.h"

namespace kafkascope::config {
namespace {

bool has_flag(const std::vector<std::string>& args, std::string_view flag) {
  return std::find(args.begin(), args.end(), flag) != args.end();
}

const Given* find(const std::vector<Given>& flags, std::string_view flag) {
  const auto found =
      std::find_if(flags.begin(), flags.end(), [&](const Given& each) { return each.option->flag == flag; });
  return found == flags.end() ? nullptr : &*found;
}

/// Returns the value of a flag that parse() acts on itself, or `fallback` if it was not given.
Value value_of(const std::vector<Given>& flags, std::string_view flag, std::string_view fallback) {
  const Given* given = find(flags, flag);
  return given ? given->value() : Value{"", std::string(fallback), {}};
}

std::string_view text(Notice::Effect effect) {
  switch (effect) {
    case Notice::Effect::kPartial:
      return "applies in part";
    case Notice::Effect::kSuspicious:
      return "looks wrong";
    default:
      return "has no effect";
  }
}

/// Returns the URL of /healthz at a listen address: on the loopback interface if that is all addresses.
std::string health_url(const std::string& listen_address) {
  const auto colon = listen_address.rfind(':');
  const std::string host = listen_address.substr(0, colon);
  const bool any = host.empty() || host == "0.0.0.0" || host == "[::]";
  return fmt::format("http://{}{}/healthz", any ? "127.0.0.1" : host, listen_address.substr(colon));
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

std::variant<Config, HealthCheck, Exit> parse(const std::vector<std::string>& args, const Environment& environment,
                                              const Version& version, const CheckCluster& check) try {
  if (has_flag(args, "--help") || has_flag(args, "-h")) return Exit{0, help_text(), ""};
  if (has_flag(args, "--help-man")) return Exit{0, man_page(version), ""};
  if (has_flag(args, "--completion-script-bash")) return Exit{0, bash_completion(), ""};
  if (has_flag(args, "--completion-script-zsh")) return Exit{0, zsh_completion(), ""};
  if (has_flag(args, "--completion-script-fish")) return Exit{0, fish_completion(), ""};
  if (has_flag(args, "--version")) return Exit{0, version_text(version), ""};

  const std::vector<Given> flags = parse_flags(args);
  Draft draft = base(value_of(flags, "config.file", "").text);
  override_with(draft, flags);
  if (const Given* given = find(flags, "healthcheck")) {
    if (!given->text().empty()) return HealthCheck{given->text()};
    return HealthCheck{health_url(draft.config.web.listen_addresses.front())};
  }
  Config config = finish(std::move(draft), environment, check);
  if (!to_bool(value_of(flags, "check-config", "false"))) return config;
  std::string out;
  for (const auto& notice : config.notices)
    out += fmt::format("{} {}: {}\n", notice.setting, text(notice.effect), notice.reason);
  return Exit{0, out + "The configuration is good.\n", ""};
} catch (const std::exception& error) {  // a ConfigError, or what `check` throws
  return Exit{2, "", fmt::format("kafkascope: {}\n", error.what())};
}

}  // namespace kafkascope::config
