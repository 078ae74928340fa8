#pragma once

#include <memory>

#include "config/config.h"
#include "metrics/exporter.h"
#include "model/lag_options.h"

namespace kafkascope::app {

/// Connects to each cluster, runs all collectors and prints what works and what does not. Returns the exit code: 0 if
/// everything that is configured works.
int check(const config::Config& config, model::OutputFormat output,
          const std::shared_ptr<metrics::ExporterMetrics>& exporter);

}  // namespace kafkascope::app
