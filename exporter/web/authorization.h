#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kafkascope::web {

struct Credentials {
  std::string user, password;
};

/// Parses the value of an Authorization header with scheme Basic (RFC 7617). Returns nullopt for anything else.
std::optional<Credentials> parse_basic(std::string_view authorization);

}  // namespace kafkascope::web
