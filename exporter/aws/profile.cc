#include "aws/profile.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "aws/metadata.h"
#include "aws/sts.h"

namespace kafkascope::aws {
namespace {

constexpr int kMaxSourceProfiles = 8;

std::string_view trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r");
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

/// Returns the profile of a section's title; empty if it is of another kind.
std::string profile_name(std::string_view title, bool is_config) {
  if (!is_config || title == "default") return std::string(title);
  if (!title.starts_with("profile ") && !title.starts_with("profile\t")) return {};
  return std::string(trimmed(title.substr(7)));
}

std::string shared_path(const Lookup& lookup, const char* variable, std::string_view name) {
  std::string path = lookup.variable(variable);
  const std::string home = lookup.variable("HOME");
  if (path.empty() && !home.empty()) path = fmt::format("{}/.aws/{}", home, name);
  if (path.starts_with("~/") && !home.empty()) path = home + path.substr(1);
  return path;
}

std::string setting(const Profile& profile, const std::string& name) {
  const auto found = profile.find(name);
  return found == profile.end() ? "" : found->second;
}

/// Resolves profiles that refer to others.
class Resolver {
 public:
  Resolver(const Lookup& lookup, const SharedFiles& files, Time now) : lookup_(lookup), files_(files), now_(now) {}

  std::optional<Credentials> resolve(const std::string& name, int depth = 0) const {
    const auto found = files_.profiles.find(name);
    if (found == files_.profiles.end()) return std::nullopt;
    const Profile& profile = found->second;
    if (depth > kMaxSourceProfiles) throw Error(fmt::format("{}: its source_profile refers to itself", place(name)));
    // A role of a profile that is its own source is assumed with the profile's keys.
    const bool is_own_source = depth > 0 && setting(profile, "source_profile") == name;
    if (!setting(profile, "role_arn").empty() && !is_own_source) return with_role(name, profile, depth);
    if (auto keys = own_keys(name, profile)) return keys;
    for (const char* unsupported : {"credential_process", "sso_session", "sso_start_url", "login_session"})
      if (profile.contains(unsupported))
        throw Error(fmt::format("{}: {} is not supported", place(name), unsupported),
                    "use a role of the pod, task or instance, or keys; for IAM Roles Anywhere run aws_signing_helper "
                    "serve, and set AWS_EC2_METADATA_SERVICE_ENDPOINT");
    return std::nullopt;
  }

 private:
  std::string place(const std::string& name) const { return files_.describe(name); }

  std::optional<Credentials> own_keys(const std::string& name, const Profile& profile) const {
    Keys keys{setting(profile, "aws_access_key_id"), setting(profile, "aws_secret_access_key"),
              setting(profile, "aws_session_token")};
    if (keys.id.empty() && keys.secret.empty()) return std::nullopt;
    if (keys.id.empty() || keys.secret.empty())
      throw Error(fmt::format("{}: it has only one of aws_access_key_id and aws_secret_access_key", place(name)),
                  "add the other one");
    return Credentials{std::move(keys), std::nullopt, place(name)};
  }

  Credentials with_role(const std::string& name, const Profile& profile, int depth) const {
    const Role role{setting(profile, "role_arn"), setting(profile, "role_session_name"),
                    setting(profile, "external_id"), setting(profile, "duration_seconds")};
    if (profile.contains("mfa_serial"))
      throw Error(fmt::format("{}: mfa_serial is not supported", place(name)), "use a role without it");
    if (const std::string file = setting(profile, "web_identity_token_file"); !file.empty())
      return assume_role_with_web_identity(lookup_, role, file);
    if (const std::string source = setting(profile, "source_profile"); !source.empty()) {
      const auto caller = resolve(source, depth + 1);
      if (!caller)
        throw Error(fmt::format("{}: its source_profile {} has no credentials", place(name), source),
                    "add keys to the source profile");
      return assume_role(lookup_, role, *caller, now_);
    }
    return assume_role(lookup_, role, from_source(name, setting(profile, "credential_source")), now_);
  }

  Credentials from_source(const std::string& name, const std::string& source) const {
    std::optional<Credentials> found;
    std::string why;
    if (source == "Environment")
      found = environment_credentials(lookup_);
    else if (source == "EcsContainer")
      found = container_credentials(lookup_);
    else if (source == "Ec2InstanceMetadata")
      found = instance_credentials(lookup_, why);
    else
      throw Error(fmt::format("{}: it has a role_arn, but nothing to assume it with", place(name)),
                  "add source_profile, credential_source (Environment, EcsContainer, Ec2InstanceMetadata) or "
                  "web_identity_token_file");
    if (!found)
      throw Error(fmt::format("{}: credential_source {} has no credentials {}", place(name), source, why),
                  "check credential_source");
    return *std::move(found);
  }

  const Lookup& lookup_;
  const SharedFiles& files_;
  const Time now_;
};

}  // namespace

std::string SharedFiles::describe(const std::string& profile) const {
  if (credentials_path.empty() && config_path.empty()) return fmt::format("profile {} (HOME is not set)", profile);
  return fmt::format("profile {} of {} and {}", profile, credentials_path, config_path);
}

void parse_profiles(std::string_view text, bool is_config, std::map<std::string, Profile>& profiles) {
  std::string name;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view raw = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    const std::string_view line = trimmed(raw);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      name = profile_name(trimmed(line.substr(1, line.find(']') - 1)), is_config);
      if (!name.empty()) profiles.try_emplace(name);
      continue;
    }
    const size_t equals = line.find('=');
    // Indented lines belong to settings that have several, such as s3.
    if (name.empty() || equals == line.npos || raw.front() == ' ' || raw.front() == '\t') continue;
    std::string key(trimmed(line.substr(0, equals)));
    std::transform(key.begin(), key.end(), key.begin(), [](unsigned char c) { return std::tolower(c); });
    std::string_view value = trimmed(line.substr(equals + 1));
    for (const std::string_view comment : {" #", " ;", "\t#", "\t;"})
      value = trimmed(value.substr(0, value.find(comment)));
    profiles[name][key] = value;
  }
}

SharedFiles read_shared_files(const Lookup& lookup) {
  SharedFiles files;
  files.credentials_path = shared_path(lookup, "AWS_SHARED_CREDENTIALS_FILE", "credentials");
  files.config_path = shared_path(lookup, "AWS_CONFIG_FILE", "config");
  const auto read = [&](const std::string& path, bool is_config) {
    std::error_code error;
    if (path.empty() || !std::filesystem::exists(path, error) || std::filesystem::is_empty(path, error)) return;
    parse_profiles(read_file("AWS' shared files", path), is_config, files.profiles);
  };
  read(files.config_path, true);
  read(files.credentials_path, false);
  return files;
}

std::optional<Credentials> profile_credentials(const Lookup& lookup, const SharedFiles& files, const std::string& name,
                                               Time now) {
  return Resolver(lookup, files, now).resolve(name);
}

}  // namespace kafkascope::aws
