#include "web/service_discovery.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <cctype>

#include "log/escape.h"

namespace kafkascope::web {
namespace {

constexpr std::string_view kDefaultPath = "/metrics";

std::string quoted(std::string_view text) {
  fmt::memory_buffer out;
  out.push_back('"');
  escape_log_text(text, out);
  out.push_back('"');
  return fmt::to_string(out);
}

}  // namespace

bool is_host(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) || std::string_view("-._:[]").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

std::string discovered_targets(const std::vector<model::ClusterStatus>& clusters, std::string_view host,
                               std::string_view telemetry_path) {
  std::string json;
  for (const model::ClusterStatus& cluster : clusters) {
    if (!cluster.kind.empty()) continue;
    std::string labels;
    const auto add = [&](std::string_view name, std::string_view value) {
      if (!labels.empty()) labels += ", ";
      labels += fmt::format("\"{}\": {}", name, quoted(value));
    };
    // A path that the scrape job sets, for example that of a proxy, remains in force.
    if (telemetry_path != kDefaultPath) add("__metrics_path__", telemetry_path);
    if (!cluster.name.empty()) {
      add("__param_cluster", cluster.name);
      add("kafka_cluster", cluster.name);
    }
    json +=
        fmt::format("{}  {{\"targets\": [{}], \"labels\": {{{}}}}}", json.empty() ? "" : ",\n", quoted(host), labels);
  }
  return fmt::format("[\n{}\n]\n", json);
}

}  // namespace kafkascope::web
