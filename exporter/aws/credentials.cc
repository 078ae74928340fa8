#include "aws/credentials.h"

#include <spdlog/fmt/fmt.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

#include "aws/metadata.h"
#include "aws/profile.h"
#include "aws/sts.h"

namespace kafkascope::aws {
namespace {

constexpr std::string_view kNoneHint =
    "give this pod, task or instance an IAM role, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE; "
    "see docs/connecting.md";
constexpr std::string_view kProfileHint =
    "check the name (sasl.aws.profile, AWS_PROFILE), and AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE";

std::optional<Credentials> web_identity_credentials(const Lookup& lookup) {
  const std::string file = lookup.variable("AWS_WEB_IDENTITY_TOKEN_FILE"), arn = lookup.variable("AWS_ROLE_ARN");
  if (file.empty()) return std::nullopt;  // AWS_ROLE_ARN alone is a setting of other programs
  if (arn.empty())
    throw Error("AWS_WEB_IDENTITY_TOKEN_FILE is set, AWS_ROLE_ARN is not",
                "set AWS_ROLE_ARN, or annotate the service account with eks.amazonaws.com/role-arn");
  return assume_role_with_web_identity(lookup, {arn, {}, {}, {}}, file);
}

}  // namespace

std::string Lookup::variable(const char* name) const {
  const char* value = environment(name);
  return value == nullptr ? "" : value;
}

std::string read_file(const std::string& setting, const std::string& path) {
  std::ifstream file(path);
  std::string text(std::istreambuf_iterator<char>(file), {});
  if (!file || text.empty())
    throw Error(fmt::format("{}: cannot read {}: {}", setting, path, file ? "it is empty" : std::strerror(errno)),
                "give a file that this user may read");
  return text;
}

std::optional<Credentials> environment_credentials(const Lookup& lookup) {
  Keys keys{lookup.variable("AWS_ACCESS_KEY_ID"), lookup.variable("AWS_SECRET_ACCESS_KEY"),
            lookup.variable("AWS_SESSION_TOKEN")};
  if (keys.id.empty() && keys.secret.empty()) return std::nullopt;
  if (keys.id.empty() || keys.secret.empty())
    throw Error(fmt::format("{} is set, {} is not", keys.id.empty() ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID",
                            keys.id.empty() ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY"),
                "set both, or none");
  return Credentials{std::move(keys), std::nullopt, "environment variables"};
}

Credentials find_credentials(const Lookup& lookup, Time now) {
  const bool only_profile = !lookup.profile.empty();
  if (!only_profile) {
    if (auto found = environment_credentials(lookup)) return *std::move(found);
    if (auto found = web_identity_credentials(lookup)) return *std::move(found);
  }
  const SharedFiles files = read_shared_files(lookup);
  std::string profile = only_profile ? lookup.profile : lookup.variable("AWS_PROFILE");
  const bool is_named = !profile.empty();
  if (!is_named) profile = "default";
  if (auto found = profile_credentials(lookup, files, profile, now)) return *std::move(found);
  if (only_profile || (is_named && !files.profiles.contains(profile)))
    throw Error(fmt::format("{}: {}", files.describe(profile),
                            files.profiles.contains(profile) ? "it has no credentials" : "there is none"),
                kProfileHint);
  if (auto found = container_credentials(lookup)) return *std::move(found);
  std::string why_no_instance;
  if (auto found = instance_credentials(lookup, why_no_instance)) return *std::move(found);
  throw Error(fmt::format("no AWS credentials found: not in AWS_ACCESS_KEY_ID, no AWS_WEB_IDENTITY_TOKEN_FILE, none in "
                          "{}, no AWS_CONTAINER_CREDENTIALS_FULL_URI or _RELATIVE_URI, no instance metadata ({})",
                          files.describe(profile), why_no_instance),
              kNoneHint);
}

}  // namespace kafkascope::aws
