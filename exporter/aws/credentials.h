#pragma once

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "aws/sigv4.h"

namespace kafkascope::aws {

/// Credentials that cannot be had, or a token that cannot be made from them.
class Error : public std::runtime_error {
 public:
  /// `hint`: what to do; of a string literal.
  explicit Error(const std::string& what, std::string_view hint = {}) : std::runtime_error(what), hint_(hint) {}
  std::string_view hint() const { return hint_; }

 private:
  std::string_view hint_;
};

struct Credentials {
  Keys keys;
  std::optional<Time> expires;  ///< Nothing for a user's permanent keys.
  std::string source;           ///< Where they come from, for the log.
};

/// Returns the value of an environment variable, or nullptr if there is none.
using Environment = std::function<const char*(const char*)>;

/// Called ten times a second during requests: they give up once it returns true.
using Stopped = std::function<bool()>;

/// Where credentials are looked for.
struct Lookup {
  Environment environment;
  std::string region;   ///< For the endpoint of STS.
  std::string profile;  ///< Looked for nowhere but in this profile of the shared files; empty: everywhere.
  Stopped stopped = [] { return false; };

  /// Returns the value of a variable; empty if it is not set.
  std::string variable(const char* name) const;
};

/// Returns the credentials of the first of these places that has any, the order of AWS' own SDKs: environment, web
/// identity, profile of the shared files, container, instance metadata. A place that is configured but fails is an
/// Error, no reason to look further: other credentials might have other rights.
Credentials find_credentials(const Lookup& lookup, Time now);

/// Returns the credentials of the environment variables AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.
std::optional<Credentials> environment_credentials(const Lookup& lookup);

/// Returns the content of a file that a setting names. Throws Error.
std::string read_file(const std::string& setting, const std::string& path);

}  // namespace kafkascope::aws
