#pragma once

#include <string_view>

namespace kafkascope::web {

/// Whether a client with this Accept-Encoding header (RFC 9110, 12.5.3) takes gzip. False where it says nothing.
bool accepts_gzip(std::string_view accept_encoding);

}  // namespace kafkascope::web
