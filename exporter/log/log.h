#pragma once

#include <functional>
#include <string_view>

#include "config/config.h"

namespace kafkascope {

/// Has log_event() write to standard error, a line an event, in logfmt or JSON. `count` gets each line's level, from
/// any thread.
void start_logging(const config::Log& log, std::function<void(std::string_view level)> count);

/// Ends the log: what threads that outlive main() log is lost.
void stop_logging();

}  // namespace kafkascope
