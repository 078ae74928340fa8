#pragma once

#include <functional>
#include <string_view>

#include "config/config.h"

namespace kafkascope {

/// Makes spdlog's default logger the program's: to standard error, a line an event, in logfmt or JSON. `count` gets
/// each line's level, from any thread.
void start_logging(const config::Log& log, std::function<void(std::string_view level)> count);

}  // namespace kafkascope
