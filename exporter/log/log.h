#pragma once

#include <functional>
#include <string_view>

#include "config/config.h"

namespace kafkascope {

/// Makes log_event() write one line per event to standard error, in logfmt or JSON. `count` is called with each line's
/// level, by any thread.
void start_logging(const config::Log& log, std::function<void(std::string_view level)> count);

/// Changes level and format.
void change_logging(const config::Log& log);

/// Stops logging: events of threads that outlive main() are discarded.
void stop_logging();

}  // namespace kafkascope
