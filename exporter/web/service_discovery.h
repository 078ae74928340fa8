#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/status.h"

namespace kafkascope::web {

/// Returns whether this is a host and possibly a port, as in a Host header.
bool is_host(std::string_view text);

/// Returns a target per Kafka cluster in the JSON of Prometheus' HTTP service discovery. `host`: the address under
/// which Prometheus reaches this server.
std::string discovered_targets(const std::vector<model::ClusterStatus>& clusters, std::string_view host,
                               std::string_view telemetry_path);

}  // namespace kafkascope::web
