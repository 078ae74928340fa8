#pragma once

#include "config/draft.h"

namespace kafkascope::config {

/// What the settings under tls and sasl mean in librdkafka's properties, written into `draft.cluster`. Checks that the
/// files can be read. Adds to `config` what must be said or put into the environment.
void apply_security(ClusterDraft& draft, const Environment& environment, Config& config);

}  // namespace kafkascope::config
