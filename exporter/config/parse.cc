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
#include "config/web_config.h"

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

bool serves_tls(const Web& web) {
  try {
    return read_web_config(web).tls.has_value();
  } catch (const ConfigError&) {
    return false;
  }
}

/// Returns /healthz at the health address or else the first listen address: on the loopback interface if that is all
/// addresses.
HealthCheck health_check(const Web& web) {
  const bool separate = !web.health_address.empty();
  const std::string& address = separate ? web.health_address : web.listen_addresses.front();
  const std::string_view scheme = !separate && serves_tls(web) ? "https" : "http";
  if (const auto socket = unix_address(address)) return {fmt::format("{}://localhost/healthz", scheme), socket->path};
  return {fmt::format("{}://{}/healthz", scheme, local_address(address, "127.0.0.1")), ""};
}

/// Returns the settings of the file, or the defaults if `path` is empty.
Draft base(const std::string& path, const std::string* file_text, const Environment& environment) {
  Draft draft;
  if (path.empty()) {
    draft.clusters.emplace_back();
    return draft;
  }
  std::string text = file_text ? *file_text : read_config_file(path);
  draft = read_config(path, text, environment);
  draft.config.file_text = std::move(text);
  return draft;
}

void override_with(Draft& draft, const std::vector<Given>& flags) {
  for (const Given& given : flags) {
    if (given.option->per_cluster() && draft.clusters.size() > 1) {
      fail(given.value().origin,
           fmt::format("the configuration file has {} clusters; set it there for each of them", draft.clusters.size()));
    }
    if (given.option->per_cluster() && draft.clusters.empty()) draft.clusters.emplace_back();
    apply(given, draft, draft.clusters.empty() ? nullptr : &draft.clusters.front());
  }
}

}  // namespace

Parsed parse(const std::vector<std::string>& args, const Environment& environment, const Version& version,
             const CheckCluster& check, const std::string* file_text) try {
  if (has_flag(args, "--help") || has_flag(args, "-h")) return Exit{0, help_text(), ""};
  if (has_flag(args, "--help-man")) return Exit{0, man_page(version), ""};
  if (has_flag(args, "--completion-script-bash")) return Exit{0, bash_completion(), ""};
  if (has_flag(args, "--completion-script-zsh")) return Exit{0, zsh_completion(), ""};
  if (has_flag(args, "--completion-script-fish")) return Exit{0, fish_completion(), ""};
  if (has_flag(args, "--version")) return Exit{0, version_text(version), ""};

  const Command* command = find_command(args);
  const std::string_view name = command ? command->name : "";
  if (name == "hash-password") return parse_hash_password(args);
  if (name == "dashboards") return parse_dashboards(args);
  if (name == "rules") return parse_rules(args);

  std::vector<std::string> rest = args;
  model::LagOptions lag;
  if (name == "lag") lag = take_lag_options(rest);
  const auto check_output = name == "check" ? take_check_output(rest) : model::OutputFormat::kTable;
  const std::vector<Given> flags = parse_flags({rest.begin() + (command ? 1 : 0), rest.end()});
  Draft draft = base(value_of(flags, "config.file", "").text, file_text, environment);
  override_with(draft, flags);
  if ((name == "lag" || name == "check") && draft.clusters.empty())
    throw ConfigError(
        fmt::format("{}: the configuration file has ensembles but no clusters; add clusters, or --kafka.server", name));
  for (ClusterDraft& each : draft.clusters)
    if (!lag.group.empty()) each.cluster.groups = Filter(lag.group, each.cluster.groups.exclude());
  if (const Given* given = find(flags, "healthcheck")) {
    if (!given->text().empty()) return HealthCheck{given->text(), ""};
    return health_check(draft.config.web);
  }
  Config config = finish(std::move(draft), environment, check);
  if (name == "scrape-config") return PrintScrapeConfig{std::move(config)};
  const bool check_only = to_bool(value_of(flags, "check-config", "false"));
  if (!check_only && name == "once") return Once{std::move(config)};
  if (!check_only && name == "lag") return PrintLag{std::move(config), lag};
  if (!check_only && name == "check") return Check{std::move(config), check_output};
  if (!check_only) return config;
  std::string out;
  for (const auto& notice : config.notices)
    out += fmt::format("{} {}: {}\n", notice.setting, text(notice.effect), notice.reason);
  return Exit{0, out + "The configuration is good.\n", ""};
} catch (const std::exception& error) {  // a ConfigError, or what `check` throws
  return Exit{2, "", fmt::format("kafkascope: {}\n", error.what())};
}

}  // namespace kafkascope::config
