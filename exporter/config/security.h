#pragma once

#include "config/draft.h"

namespace kafkascope::config {

/// Converts the settings under tls and sasl to librdkafka's properties in `draft.cluster`. Adds notices and environment
/// variables to `config`. Throws a ConfigError for contradictions and for files that cannot be read.
void apply_security(ClusterDraft& draft, const Environment& environment, Config& config);

}  // namespace kafkascope::config
