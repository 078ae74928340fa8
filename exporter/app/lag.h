#pragma once

#include "config/config.h"
#include "model/lag_options.h"

namespace kafkascope::app {

/// Polls each cluster and prints the lag of its groups, with `options.watch` again and again at the poll interval.
/// Waits for a cluster that cannot be reached as long as a poll may take. Returns the exit code: 1 if the last poll of
/// a cluster did not reach it or the output cannot be written.
int print_lag(const config::Config& config, const model::LagOptions& options);

}  // namespace kafkascope::app
