#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "aws/credentials.h"

// Parses the services' responses. Pure functions.
namespace kafkascope::aws {

/// Parses a time such as 2026-11-28T02:30:00Z, with or without fractions of a second. Nothing if it is none.
std::optional<Time> parse_time(std::string_view text);

/// Returns the text of the first XML element of this name, without markup; empty if there is none.
std::string xml_text(std::string_view xml, std::string_view name);

/// Parses the JSON object of container and instance metadata. `from`: where it comes from, for the texts. Throws Error.
Credentials parse_metadata_credentials(const std::string& json, const std::string& from);

/// Parses the response of STS to one of its actions. Throws Error.
Credentials parse_sts_credentials(const std::string& xml, const std::string& from);

}  // namespace kafkascope::aws
