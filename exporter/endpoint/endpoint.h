#pragma once

#include <chrono>
#include <string>

#include "config/config.h"
#include "model/endpoint.h"

// Looks at a server with a connection of its own, to tell which step fails: name, connection, TLS.
namespace kafkascope::endpoint {

/// Resolves the name, connects, and with TLS makes a handshake that does not end for an untrusted certificate. Sends no
/// request, no user name and no client certificate. `timeout`: of the connection, and of the handshake.
model::Endpoint inspect(const std::string& address, const std::string& origin, const config::Cluster& cluster,
                        std::chrono::milliseconds timeout);

}  // namespace kafkascope::endpoint
