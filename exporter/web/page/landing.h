#pragma once

#include <string>
#include <string_view>

#include "metrics/page.h"

namespace kafkascope::web {

/// The page that a person sees first: each cluster and collector with its state. `now` in seconds since 1970.
std::string landing_page(const metrics::Page& page, std::string_view version, std::string_view telemetry_path,
                         double now);

}  // namespace kafkascope::web
