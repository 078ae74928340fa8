#include "web/routes.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>
#include <stdexcept>

#include "web/page/landing.h"
#include "web/responses.h"
#include "web/service_discovery.h"
#include "web/slices.h"

namespace kafkascope::web {
namespace {

void respond_with_page(Exchange& exchange, const metrics::Page& page) {
  const Header vary{"Vary", "Accept-Encoding"};
  if (exchange.accepts_gzip() && !page.gzip().empty()) {
    exchange.respond(200, kPrometheusText, page.gzip(), {{"Content-Encoding", "gzip"}, vary});
  } else if (exchange.start_response(200, kPrometheusText, page.text_bytes(), {vary})) {
    page.inflate([&](std::string_view piece) { return exchange.write(piece); });
  }
}

void respond_with_metrics(Exchange& exchange, const std::shared_ptr<const metrics::Page>& page, Slices& slices) {
  std::shared_ptr<const metrics::Page> slice;
  try {
    slice = slices.get(page, parse_selection(exchange.query(), page->clusters()));
  } catch (const std::invalid_argument& error) {
    return exchange.respond(400, kText, fmt::format("{}\n", error.what()));
  }
  respond_with_page(exchange, *slice);
}

void respond_with_targets(Exchange& exchange, const metrics::Page& page, const std::string& telemetry_path) {
  const std::string host = exchange.header("Host");
  if (!is_host(host))
    return exchange.respond(400, kText, "a Host header with the address of this server is expected\n");
  exchange.respond(200, kJson, discovered_targets(page.clusters(), host, telemetry_path));
}

void respond_with_readiness(Exchange& exchange, bool ready) {
  if (ready) {
    exchange.respond(200, kText, "ready\n");
  } else {
    exchange.respond(503, kText, "not ready: the first poll has not ended yet\n");
  }
}

double unix_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

void respond_with_reload(Exchange& exchange, const Reload& reload) {
  if (!reload) return exchange.respond(403, kText, "not enabled; to enable it set --web.enable-lifecycle\n");
  const ReloadResult result = reload();
  if (result.success)
    exchange.respond(200, kText, result.text.empty() ? "reloaded\n" : result.text + "\n");
  else
    exchange.respond(500, kText, fmt::format("not reloaded: {}\n", result.text));
}

std::string not_found(const std::vector<Route>& routes) {
  std::string text = "no such page; there are:\n";
  for (const Route& route : routes) text += route.path + "\n";
  return text;
}

}  // namespace

std::vector<Route> make_routes(const std::string& telemetry_path, const metrics::PageSource& page, const Reload& reload,
                               const std::string& version) {
  const std::vector<std::string_view> read{"GET", "HEAD"};
  const auto metrics = [=, slices = std::make_shared<Slices>()](Exchange& exchange) {
    respond_with_metrics(exchange, page(), *slices);
  };
  const auto targets = [=](Exchange& exchange) { respond_with_targets(exchange, *page(), telemetry_path); };
  const auto landing = [=](Exchange& exchange) {
    exchange.respond(200, kHtml, landing_page(*page(), version, telemetry_path, unix_seconds()));
  };
  std::vector<Route> routes{
      {telemetry_path, read, telemetry_path, metrics}, {"/sd", read, "/sd", targets}, {"/", read, "/", landing}};
  std::vector<Route> health = make_health_routes(page);
  std::move(health.begin(), health.end(), std::back_inserter(routes));
  const auto reloading = [=](Exchange& exchange) { respond_with_reload(exchange, reload); };
  routes.push_back({"/-/reload", {"POST", "PUT"}, "/-/reload", reloading});
  return routes;
}

std::vector<Route> make_health_routes(const metrics::PageSource& page) {
  const std::vector<std::string_view> read{"GET", "HEAD"};
  const auto healthy = [](Exchange& exchange) { exchange.respond(200, kText, "ok\n"); };
  const auto ready = [=](Exchange& exchange) { respond_with_readiness(exchange, page()->ready()); };
  return {{"/healthz", read, "/healthz", healthy},
          {"/-/healthy", read, "/-/healthy", healthy},
          {"/-/ready", read, "/-/ready", ready}};
}

std::string_view respond(const std::vector<Route>& routes, Exchange& exchange) {
  const auto route =
      std::find_if(routes.begin(), routes.end(), [&](const Route& known) { return known.path == exchange.path(); });
  if (route == routes.end()) {
    exchange.respond(404, kText, not_found(routes));
    return "other";
  }
  const auto& methods = route->methods;
  if (std::find(methods.begin(), methods.end(), exchange.method()) == methods.end()) {
    exchange.respond(405, kText, fmt::format("only {} are allowed here\n", fmt::join(methods, " and ")),
                     {{"Allow", fmt::format("{}", fmt::join(methods, ", "))}});
  } else {
    route->respond(exchange);
  }
  return route->handler;
}

}  // namespace kafkascope::web
