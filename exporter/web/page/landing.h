#pragma once

#include <string>
#include <string_view>

#include "metrics/page.h"

namespace kafkascope::web {

/// Returns the landing page: state of each cluster and collector. `now`: Unix time.
std::string landing_page(const metrics::Page& page, std::string_view version, std::string_view telemetry_path,
                         double now);

}  // namespace kafkascope::web
