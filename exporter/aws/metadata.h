#pragma once

#include <optional>
#include <string>

#include "aws/credentials.h"

namespace kafkascope::aws {

/// Returns the credentials of an ECS task or an EKS pod (Pod Identity); nothing if neither
/// AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set.
std::optional<Credentials> container_credentials(const Lookup& lookup);

/// Returns the credentials of the instance's role. Nothing, with the reason in `why_none`, if there is no metadata
/// service or it is switched off.
std::optional<Credentials> instance_credentials(const Lookup& lookup, std::string& why_none);

}  // namespace kafkascope::aws
