#pragma once

#include <string>
#include <string_view>

#include "zookeeper/resolver.h"
#include "zookeeper/tls.h"
#include "zookeeper/wait.h"

namespace kafkascope::zookeeper {

/// Maximum size of an answer. ZooKeeper 3.9 sends 18 KB, and more with quotas by namespace.
inline constexpr size_t kMaxAnswerBytes = 1 << 20;

/// Connects to a server, sends a four-letter word, and returns all that the server sends until it closes the
/// connection. `tls`: null without. Throws an Error, at the limits at the latest.
std::string ask(const std::string& host, Resolver& resolver, const TlsContext* tls, std::string_view word,
                const Limits& limits);

}  // namespace kafkascope::zookeeper
