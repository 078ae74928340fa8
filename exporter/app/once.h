#pragma once

#include <memory>

#include "config/config.h"
#include "metrics/exporter.h"

namespace kafkascope::app {

/// Polls each cluster until all collectors have run and prints the page, for cron jobs. Waits for a cluster that cannot
/// be reached as long as a poll may take. Polls each ensemble once. Returns the exit code: 1 if the last poll of a
/// cluster or an ensemble did not reach it.
int print_once(const config::Config& config, const std::shared_ptr<metrics::ExporterMetrics>& exporter);

}  // namespace kafkascope::app
