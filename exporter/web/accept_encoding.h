#pragma once

#include <string_view>

namespace kafkascope::web {

/// Returns whether a client with this Accept-Encoding header (RFC 9110, 12.5.3) accepts gzip. false for an empty one.
bool accepts_gzip(std::string_view accept_encoding);

}  // namespace kafkascope::web
