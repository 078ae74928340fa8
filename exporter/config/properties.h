#pragma once

#include <string>

#include "config/config.h"

// Reads a cluster's properties of librdkafka.
namespace kafkascope::config {

/// Returns the value of a property; empty: not set.
std::string property(const Cluster& cluster, const std::string& name);

/// Return whether connections use TLS, and whether clients log in (security.protocol).
bool uses_tls(const Cluster& cluster);
bool uses_sasl(const Cluster& cluster);

}  // namespace kafkascope::config
