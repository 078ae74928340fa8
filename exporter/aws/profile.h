#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "aws/credentials.h"

namespace kafkascope::aws {

using Profile = std::map<std::string, std::string>;  ///< Settings by name, in lower case.

/// The shared files, by profile; the credentials file takes precedence over the config file.
struct SharedFiles {
  std::string credentials_path, config_path;  ///< Empty without a home directory.
  std::map<std::string, Profile> profiles;

  /// "profile NAME of PATH and PATH", for texts.
  std::string describe(const std::string& profile) const;
};

/// Reads AWS_SHARED_CREDENTIALS_FILE (~/.aws/credentials) and AWS_CONFIG_FILE (~/.aws/config). A file that does not
/// exist is empty. Throws Error if one cannot be read.
SharedFiles read_shared_files(const Lookup& lookup);

/// Adds the sections of a file to `profiles`. `is_config`: a section is [profile NAME], or [default].
void parse_profiles(std::string_view text, bool is_config, std::map<std::string, Profile>& profiles);

/// Returns the credentials of a profile: its keys, or those of the role that it names. Nothing if it has neither.
/// Throws Error if it has something else, such as sso_session, or if STS refuses.
std::optional<Credentials> profile_credentials(const Lookup& lookup, const SharedFiles& files, const std::string& name,
                                               Time now);

}  // namespace kafkascope::aws
