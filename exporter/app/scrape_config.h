#pragma once

#include <chrono>
#include <string>

#include "config/config.h"
#include "config/web_config.h"

namespace kafkascope::app {

/// Returns a configuration of Prometheus that scrapes the program with these settings and loads its rules. The host is
/// localhost unless a listen address names one; for a Unix socket it has to be replaced.
std::string scrape_config(const config::Config& config, const config::WebConfig& access);

/// Prints it. Returns the exit code.
int print_scrape_config(const config::Config& config);

}  // namespace kafkascope::app
