#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/page.h"

namespace kafkascope::web {

class Exchange;

struct Route {
  std::string path;
  std::vector<std::string_view> methods;
  std::string handler;  ///< Its name in the metrics about requests.
  std::function<void(Exchange&)> respond;
};

struct ReloadResult {
  bool success = false;
  std::string text;  ///< What is wrong, or a remark.
};

/// Reads the configuration anew; waits until that is done. Null: not enabled.
using Reload = std::function<ReloadResult()>;

/// Returns all routes, in the order in which the 404 page lists them. The first with the requested path is taken.
std::vector<Route> make_routes(const std::string& telemetry_path, const metrics::PageSource& page, const Reload& reload,
                               const std::string& version);

/// Returns the health checks only.
std::vector<Route> make_health_routes(const metrics::PageSource& page);

/// Responds by the request's route, or with 404 or 405. Returns the name to count the request under.
std::string_view respond(const std::vector<Route>& routes, Exchange& exchange);

}  // namespace kafkascope::web
