#pragma once

#include <string>

#include "aws/credentials.h"

namespace kafkascope::aws {

struct Role {
  std::string arn;
  std::string session_name;         ///< Empty: AWS_ROLE_SESSION_NAME, or else kafkascope.
  std::string external_id;          ///< Empty: none.
  std::string duration_in_seconds;  ///< Empty: an hour.
};

/// Exchanges the token in a file, such as that of a Kubernetes service account, for a role's credentials.
Credentials assume_role_with_web_identity(const Lookup& lookup, const Role& role, const std::string& token_file);

/// Exchanges other credentials for a role's.
Credentials assume_role(const Lookup& lookup, const Role& role, const Credentials& caller, Time now);

}  // namespace kafkascope::aws
