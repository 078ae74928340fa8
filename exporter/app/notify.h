#pragma once

#include <string_view>

namespace kafkascope::app {

/// Sends a state such as READY=1 to the service manager that $NOTIFY_SOCKET names (systemd's Type=notify,
/// sd_notify(3)). Does nothing without one. Errors are ignored: the service manager notices what is missing.
void notify(std::string_view state);

/// Sends RELOADING=1 with the present time, which systemd requires. READY=1 has to follow.
void notify_reloading();

/// Returns whether the service manager expects WATCHDOG=1 from this process ($WATCHDOG_USEC, $WATCHDOG_PID).
bool has_watchdog();

}  // namespace kafkascope::app
